#[derive(StateType)]
#[state(removed("Lost", becomes = Status::Missing))]
enum Status {
    Open,
    Missing,
}
