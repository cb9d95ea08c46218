use typeser::StateType;

#[derive(StateType)]
#[state(version = 2, migrate(1 => feet))]
struct Track {
    feet: f64,
}

fn feet(version: u32, metres: f64) -> Track {
    Track { feet: metres }
}

fn main() {}
