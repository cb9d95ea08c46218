use typeser::StateType;

struct Price(u64);

#[derive(StateType)]
struct Order {
    #[state(as)]
    nothing: Price,
    #[state(as = "u64")]
    quoted: Price,
    #[state(as = _)]
    open: Price,
    #[state(as = u64)]
    same: u64,
    #[state(as(u64, into = Price::cents))]
    one_way: Price,
    #[state(as(u64, into = Price::cents(), from = Price))]
    called: Price,
    #[state(as(into = Price::cents, from = Price, u64))]
    order: Price,
    #[state(as(u64, to = Price::cents))]
    unknown: Price,
}

fn main() {}
