use typeser::StateType;

#[derive(StateType)]
#[state(version = 3, migrate(1 => first, 2 => second), migrate(1 => third))]
struct Order {
    number: u64,
}

fn main() {}
