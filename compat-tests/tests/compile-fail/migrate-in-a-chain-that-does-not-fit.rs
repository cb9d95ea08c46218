use typeser::StateType;

#[derive(StateType)]
#[state(name = "Track")]
struct Track1 {
    metres: f64,
}

#[derive(StateType)]
#[state(name = "Track", version = 2)]
struct Track2 {
    yards: f64,
}

#[derive(StateType)]
#[state(version = 3, migrate(2 => from_2, 1 => Track::from_1))]
struct Track {
    feet: f64,
}

fn from_2(track: Track2) -> Track {
    Track { feet: track.yards * 3.0 }
}

impl Track {
    fn from_1(track: Track1) -> Result<Self, String> {
        Ok(Self { feet: track.metres * 3.28084 })
    }
}

fn main() {}
