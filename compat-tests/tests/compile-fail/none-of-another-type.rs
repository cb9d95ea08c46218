use typeser::StateType;

#[derive(StateType)]
struct Order {
    #[state(none = "many")]
    count: u64,
}

fn main() {}
