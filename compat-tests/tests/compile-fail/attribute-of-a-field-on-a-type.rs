use typeser::StateType;

#[derive(StateType)]
#[state(skip, default, tag = 3)]
struct Order {
    id: u64,
}

fn main() {}
