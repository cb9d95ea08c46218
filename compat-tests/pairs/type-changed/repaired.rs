#[derive(StateType)]
#[state(alias = "Euro")]
struct Metre {
    amount: f64,
}
