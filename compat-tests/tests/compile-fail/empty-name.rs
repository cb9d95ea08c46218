use typeser::StateType;

#[derive(StateType)]
#[state(name = "")]
struct Order {
    #[state(alias = "")]
    id: u64,
}

fn main() {}
