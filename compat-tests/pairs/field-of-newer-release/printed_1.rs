#[derive(StateType)]
#[state(removed("urgent"))]
struct Order {
    id: u64,
}
