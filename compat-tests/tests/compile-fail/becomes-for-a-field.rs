use typeser::StateType;

#[derive(StateType)]
#[state(removed("note", becomes = 3))]
struct Order {
    id: u64,
}

fn main() {}
