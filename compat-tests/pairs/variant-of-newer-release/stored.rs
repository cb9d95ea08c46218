#[derive(StateType)]
enum Status {
    Open,
    Shipped,
    Returned { reason: String },
}
