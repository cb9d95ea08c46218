use typeser::StateType;

#[derive(StateType)]
#[state(version = 2, migrate(1 => first, 2 => second, 7 => seventh))]
enum Status {
    Open,
}

#[derive(StateType)]
#[state(version = 1, migrate(1 => first))]
struct Order {
    number: u64,
}

fn main() {}
