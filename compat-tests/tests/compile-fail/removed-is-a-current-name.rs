use typeser::StateType;

#[derive(StateType)]
#[state(removed("note"))]
struct Order {
    id: u64,
    note: String,
}

fn main() {}
