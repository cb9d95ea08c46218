#[derive(StateType)]
struct Order {
    balance: i64,
}
