use typeser::StateType;

#[derive(StateType)]
struct Order {
    #[state(tag = 1)]
    id: u64,
}

fn main() {}
