use typeser::StateType;

mod geo {
    pub struct Point {
        pub x: f64,
        pub y: f64,
    }

    pub enum Shape {
        Dot,
        Line(u8),
    }
}

#[derive(StateType)]
#[state(remote = "geo::Point")]
struct PointMirror {
    x: f64,
}

#[derive(StateType)]
#[state(remote = "geo::Point")]
struct WideMirror {
    x: f64,
    y: f32,
}

#[derive(StateType)]
#[state(remote = "geo::Shape")]
enum ShapeMirror {
    Dot,
}

fn main() {}
