#[derive(StateType)]
struct Track {
    length: f64,
}
