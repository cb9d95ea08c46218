#[derive(StateType)]
#[state(removed("Shipped", becomes = Status::Open))]
enum Status {
    Open,
}
