#[derive(StateType)]
#[state(name = "Track", version = 2)]
struct Track2 {
    length: f64,
}

fn feet_of(old: Track2) -> Track {
    Track { length: old.length / 0.3048 }
}

#[derive(StateType)]
#[state(version = 3, migrate(2 => feet_of))]
struct Track {
    length: f64,
}
