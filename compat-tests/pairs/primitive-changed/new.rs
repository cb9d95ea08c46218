#[derive(StateType)]
struct Order {
    balance: i32,
}
