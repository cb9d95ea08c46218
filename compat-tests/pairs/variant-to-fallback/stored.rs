#[derive(StateType)]
enum Status {
    Open,
    Unknown,
    Lost { reason: String },
}
