use typeser::StateType;

#[derive(StateType)]
struct Order {
    id: u64,
    #[state(skip = true)]
    cache: u64,
}

fn main() {}
