#[derive(StateType)]
#[state(removed("Returned", becomes = Status::Open))]
enum Status {
    Open,
    Shipped,
}
