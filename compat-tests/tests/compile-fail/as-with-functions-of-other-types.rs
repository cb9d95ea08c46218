use typeser::StateType;

struct Price(u64);

impl Price {
    fn cents(&self) -> u32 {
        0
    }

    fn read(cents: u64) -> Option<String> {
        None
    }
}

#[derive(StateType)]
struct Order {
    #[state(as(u64, into = Price::cents, from = Price::read))]
    total: Price,
}

fn main() {}
