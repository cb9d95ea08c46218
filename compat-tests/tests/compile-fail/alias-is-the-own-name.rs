use typeser::StateType;

#[derive(StateType)]
#[state(alias = "Order")]
struct Order {
    id: u64,
}

fn main() {}
