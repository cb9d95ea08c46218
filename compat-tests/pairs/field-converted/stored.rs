#[derive(StateType)]
struct Price {
    amount: String,
}
