use typeser::StateType;

#[derive(StateType)]
struct Order {
    #[state(alias = "number")]
    id: u64,
    #[state(alias("total", "number"))]
    sum: u64,
}

fn main() {}
