use typeser::StateType;

struct Money(u64);

fn text(money: Money) -> String {
    money.0.to_string()
}

#[derive(StateType)]
struct Order {
    #[state(convert(Money, with = text))]
    number: String,
}

fn main() {}
