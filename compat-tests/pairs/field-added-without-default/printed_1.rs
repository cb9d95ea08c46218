#[derive(StateType)]
struct Order {
    id: u64,
    #[state(default)]
    priority: u8,
}
