use typeser::StateType;

struct Track1 {
    metres: f64,
}

#[derive(StateType)]
#[state(version = 3, migrate(1 => from_1, 2 => from_2))]
struct Track {
    feet: f64,
}

fn from_1(metres: f64) -> Track1 {
    Track1 { metres }
}

fn from_2(track: Track1) -> Track {
    Track { feet: track.metres * 3.28084 }
}

fn main() {}
