#[derive(StateType)]
enum Status {
    Open,
    Lost,
}
