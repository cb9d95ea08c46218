use typeser::StateType;

#[derive(StateType)]
struct Node {
    value: u64,
    next: Option<Node>,
}

fn main() {}
