use typeser::StateType;

#[derive(StateType)]
struct Order {
    #[state(none)]
    count: u64,
    #[state(none(3))]
    more: u64,
    #[state(none = 1, none = 2)]
    twice: u64,
}

fn main() {}
