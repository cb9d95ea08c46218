use typeser::StateType;

#[derive(StateType)]
#[state(removed = "note")]
struct Order {
    id: u64,
}

#[derive(StateType)]
#[state(removed)]
struct Invoice {
    id: u64,
}

fn main() {}
