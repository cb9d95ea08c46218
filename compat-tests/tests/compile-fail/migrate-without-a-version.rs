use typeser::StateType;

#[derive(StateType)]
#[state(migrate(1 => first, 2 => second))]
struct Order {
    number: u64,
}

fn main() {}
