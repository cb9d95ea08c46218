use typeser::StateType;

#[derive(StateType)]
struct Order {
    #[state(none = 3)]
    count: Option<u64>,
    #[state(none = 3)]
    more: std::option::Option<u64>,
}

fn main() {}
