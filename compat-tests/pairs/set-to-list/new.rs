#[derive(StateType)]
struct Order {
    tags: Vec<String>,
}
