#[derive(StateType)]
struct Order {
    id: u64,
    #[state(default = 3)]
    priority: u8,
}
