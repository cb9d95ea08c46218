#[derive(StateType)]
struct Order {
    id: u64,
    #[state(default = 1)]
    priority: u8,
}
