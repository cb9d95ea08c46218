use typeser::StateType;

struct Price(u64);

struct Cents(u64);

impl From<&Price> for Cents {
    fn from(price: &Price) -> Cents {
        Cents(price.0)
    }
}

impl From<Cents> for Price {
    fn from(cents: Cents) -> Price {
        Price(cents.0)
    }
}

#[derive(StateType)]
struct Order {
    #[state(as = Cents)]
    total: Price,
}

fn main() {}
