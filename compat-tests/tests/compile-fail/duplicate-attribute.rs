use typeser::StateType;

#[derive(StateType)]
#[state(version = 2)]
#[state(version = 3)]
struct Order {
    #[state(name = "a", name = "b")]
    id: u64,
}

fn main() {}
