use typeser::StateType;

#[derive(StateType)]
#[state(verison = 2)]
struct Order {
    #[state(colour = "red")]
    id: u64,
}

fn main() {}
