#[derive(StateType)]
enum Status {
    Open,
    #[state(alias = "Shipped")]
    Sent,
}
