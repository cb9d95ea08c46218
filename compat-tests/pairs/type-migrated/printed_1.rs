#[derive(StateType)]
#[state(name = "Track")]
struct Track1 {
    metres: f64,
}

fn feet_of(old: Track1) -> Track {
    Track { feet: old.metres / 0.3048 }
}

#[derive(StateType)]
#[state(version = 2, migrate(1 => feet_of, injective))]
struct Track {
    feet: f64,
}
