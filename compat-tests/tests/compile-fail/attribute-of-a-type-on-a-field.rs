use typeser::StateType;

#[derive(StateType)]
struct Order {
    #[state(version = 2, key)]
    id: u64,
    #[state(transparent)]
    note: String,
}

fn main() {}
