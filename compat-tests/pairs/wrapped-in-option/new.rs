#[derive(StateType)]
struct Order {
    note: Option<String>,
}
