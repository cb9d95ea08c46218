#[derive(StateType)]
struct Order {
    #[state(none = 0)]
    note: u32,
}
