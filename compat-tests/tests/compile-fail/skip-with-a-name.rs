use typeser::StateType;

#[derive(StateType)]
struct Order {
    id: u64,
    #[state(skip, name = "cached")]
    cache: u64,
    #[state(skip, alias = "total")]
    sum: u64,
}

fn main() {}
