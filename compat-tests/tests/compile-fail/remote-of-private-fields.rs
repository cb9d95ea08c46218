use typeser::StateType;

mod geo {
    pub struct Point {
        x: f64,
    }
}

#[derive(StateType)]
#[state(remote = "geo::Point")]
struct PointMirror {
    x: f64,
}

#[derive(StateType)]
#[state(remote)]
struct Nothing {
    x: f64,
}

#[derive(StateType)]
#[state(remote = "geo Point")]
struct NoPath {
    x: f64,
}

fn main() {}
