use typeser::StateType;

#[derive(StateType)]
#[state(name: "Order", version = 2)]
struct Order {
    #[state("number", alias = "no")]
    id: u64,
    #[state(default = )]
    count: u64,
}

fn main() {}
