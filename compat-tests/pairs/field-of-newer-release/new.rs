#[derive(StateType)]
struct Order {
    id: u64,
}
