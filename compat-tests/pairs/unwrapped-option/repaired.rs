#[derive(StateType)]
struct Order {
    #[state(none = String::new())]
    note: String,
}
