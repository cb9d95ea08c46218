use typeser::StateType;

#[derive(StateType)]
#[state(version = 0)]
struct Order {
    id: u64,
}

fn main() {}
