use typeser::StateType;

#[derive(Clone)]
struct Price(u64);

impl From<Price> for u64 {
    fn from(price: Price) -> u64 {
        price.0
    }
}

#[derive(StateType)]
struct Order {
    #[state(as = u64)]
    total: Price,
}

fn main() {}
