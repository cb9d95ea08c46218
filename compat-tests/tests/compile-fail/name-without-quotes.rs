use typeser::StateType;

#[derive(StateType)]
#[state(name = Purchase)]
struct Order {
    #[state(alias = 7)]
    id: u64,
    #[state(alias(number, "no"))]
    count: u32,
    #[state(name)]
    total: u32,
}

fn main() {}
