use typeser::StateType;

struct Point {
    x: f64,
}

#[derive(StateType)]
struct Stop {
    name: String,
    #[state(serde(name = "geo-point", version = 1))]
    at: Point,
}

fn main() {}
