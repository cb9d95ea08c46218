#[derive(StateType)]
struct Order {
    price: u32,
}
