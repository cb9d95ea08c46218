#[derive(StateType)]
struct Order {
    quantity: u64,
}
