use typeser::StateType;

#[derive(StateType)]
#[state(version = "2")]
struct Order {
    id: u64,
}

#[derive(StateType)]
#[state(version = 2u64)]
struct Invoice {
    id: u64,
}

fn main() {}
