#[derive(StateType)]
enum Status {
    Open,
    Shipped,
}
