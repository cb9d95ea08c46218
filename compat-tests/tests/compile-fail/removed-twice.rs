use typeser::StateType;

#[derive(StateType)]
#[state(removed("note"), removed("total", "note"))]
struct Order {
    id: u64,
}

fn main() {}
