#[derive(StateType)]
enum Status {
    Open,
    Lost { reason: String },
}
