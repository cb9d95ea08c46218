#[derive(StateType)]
struct Metre {
    amount: f64,
}
