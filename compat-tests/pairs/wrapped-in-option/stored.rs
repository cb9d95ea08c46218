#[derive(StateType)]
struct Order {
    note: String,
}
