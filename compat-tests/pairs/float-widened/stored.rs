#[derive(StateType)]
struct Order {
    price: f32,
}
