use typeser::StateType;

struct Price(u64);

#[derive(StateType)]
struct Order {
    #[state(as = u64, skip)]
    total: Price,
    #[state(as = u64, text)]
    twice: Price,
}

fn main() {}
