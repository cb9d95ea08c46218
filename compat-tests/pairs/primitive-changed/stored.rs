#[derive(StateType)]
struct Order {
    balance: u32,
}
