use typeser::StateType;

#[derive(StateType)]
struct Order {
    #[state(removed("note"))]
    id: u64,
}

fn main() {}
