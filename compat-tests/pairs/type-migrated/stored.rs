#[derive(StateType)]
struct Track {
    metres: f64,
}
