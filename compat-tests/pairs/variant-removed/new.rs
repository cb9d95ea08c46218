#[derive(StateType)]
#[state(removed("Lost", becomes = Status::Open))]
enum Status {
    Open,
}
