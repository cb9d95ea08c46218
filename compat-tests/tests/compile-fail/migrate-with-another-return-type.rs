use typeser::StateType;

#[derive(StateType)]
#[state(name = "Track")]
struct Track1 {
    metres: f64,
}

#[derive(StateType)]
#[state(version = 2, migrate(1 => feet))]
struct Track {
    feet: f64,
}

fn feet(track: Track1) -> Track1 {
    track
}

fn main() {}
