#[derive(StateType)]
#[state(name = "Track")]
struct Track1 {
    length: f64,
}

fn as_it_was(old: Track1) -> Track2 {
    Track2 { length: old.length }
}

#[derive(StateType)]
#[state(name = "Track", version = 2)]
struct Track2 {
    length: f64,
}

fn feet_of(old: Track2) -> Track {
    Track { length: old.length / 0.3048 }
}

#[derive(StateType)]
#[state(version = 3, migrate(1 => as_it_was, 2 => feet_of))]
struct Track {
    length: f64,
}
