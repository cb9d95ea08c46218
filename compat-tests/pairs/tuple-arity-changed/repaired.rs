#[derive(StateType)]
struct Order {
    #[state(convert((f64, f64), with = on_the_ground))]
    at: (f64, f64, f64),
}

fn on_the_ground((x, y): (f64, f64)) -> (f64, f64, f64) {
    (x, y, 0.0)
}
