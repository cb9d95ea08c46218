#[derive(StateType)]
struct Euro {
    amount: f64,
}
