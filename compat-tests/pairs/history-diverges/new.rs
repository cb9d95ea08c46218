#[derive(StateType)]
struct Order {
    id: u64,
    #[state(default = 2)]
    priority: u8,
}
