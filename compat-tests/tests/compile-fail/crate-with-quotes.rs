use typeser::StateType;

#[derive(StateType)]
#[state(crate = "typeser")]
struct Order {
    id: u64,
}

fn main() {}
