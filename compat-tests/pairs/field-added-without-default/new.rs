#[derive(StateType)]
struct Order {
    id: u64,
    priority: u8,
}
