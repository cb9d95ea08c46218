#[derive(StateType)]
enum Status {
    Shipped,
    Open,
}
