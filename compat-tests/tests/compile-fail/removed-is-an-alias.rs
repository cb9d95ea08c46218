use typeser::StateType;

#[derive(StateType)]
#[state(removed("number"))]
struct Order {
    #[state(alias = "number")]
    id: u64,
}

fn main() {}
