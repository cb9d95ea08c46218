#[derive(StateType)]
#[state(removed("note"))]
struct Order {
    id: u64,
}
