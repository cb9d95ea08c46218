use typeser::StateType;

#[derive(StateType)]
struct Order {
    id: u64,
    #[state(name = "id")]
    number: u64,
}

fn main() {}
