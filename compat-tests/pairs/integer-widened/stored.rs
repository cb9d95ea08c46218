#[derive(StateType)]
struct Order {
    quantity: u32,
}
