#[derive(StateType)]
struct Order {
    at: (f64, f64),
}
