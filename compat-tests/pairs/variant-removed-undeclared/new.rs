#[derive(StateType)]
enum Status {
    Open,
}
