use typeser::StateType;

#[derive(StateType)]
struct Order {
    number: u64,
    #[state(alias = "number")]
    id: u64,
}

fn main() {}
