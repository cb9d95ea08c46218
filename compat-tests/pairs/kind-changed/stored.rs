#[derive(StateType)]
struct Order {
    items: Vec<String>,
}
