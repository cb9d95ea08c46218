use typeser::StateType;

struct Money(u64);

#[derive(StateType)]
struct Order {
    id: u64,
    price: Money,
}

fn main() {}
