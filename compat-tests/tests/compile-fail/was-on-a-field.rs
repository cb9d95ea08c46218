use typeser::StateType;

#[derive(StateType)]
struct Order {
    #[state(was = u64)]
    id: i64,
}

#[derive(StateType)]
enum Status {
    #[state(was = ())]
    Open,
}

fn main() {}
