#[derive(StateType)]
enum Status {
    Open,
    #[state(other)]
    Unknown,
}
