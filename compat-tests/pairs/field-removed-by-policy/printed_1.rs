#[derive(StateType)]
#[state(removed("status"))]
struct Order {
    id: u64,
    note: String,
}
