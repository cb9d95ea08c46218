#[derive(StateType)]
struct Order {
    price: f64,
}
