use typeser::StateType;

#[derive(StateType)]
#[state]
struct Order {
    #[state = "skip"]
    id: u64,
}

fn main() {}
