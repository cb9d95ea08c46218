use typeser::StateType;

struct Total(u32);

#[derive(StateType)]
struct Order {
    id: u64,
    #[state(with = Total)]
    total: Total,
}

fn main() {}
