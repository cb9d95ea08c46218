use typeser::StateType;

struct Price(u64);

#[derive(StateType)]
struct Order {
    #[state(as = u64)]
    total: Price,
    #[state(as = u64)]
    parts: Vec<Price>,
}

fn main() {}
