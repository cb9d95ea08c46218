use typeser::StateType;

#[derive(StateType)]
struct Order {
    id: u64,
    #[state(default = "none")]
    note: u32,
}

fn main() {}
