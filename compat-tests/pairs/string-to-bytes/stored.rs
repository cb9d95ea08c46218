#[derive(StateType)]
struct Order {
    body: String,
}
