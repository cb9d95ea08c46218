#[derive(StateType)]
#[state(name = "Track")]
struct TrackInMetres {
    length: f64,
}

fn in_feet(old: TrackInMetres) -> Track {
    Track { length: old.length / 0.3048 }
}

#[derive(StateType)]
#[state(version = 2, migrate(1 => in_feet))]
struct Track {
    length: f64,
}
