#[derive(StateType)]
struct Order {
    id: u64,
    #[state(default)]
    urgent: bool,
}
