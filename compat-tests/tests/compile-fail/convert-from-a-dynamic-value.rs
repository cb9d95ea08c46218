use typeser::StateType;
use typeser::value::{Value, ValueError};

fn number(value: Value) -> Result<u64, ValueError> {
    value.read::<u64>("number")
}

#[derive(StateType)]
struct Order {
    #[state(convert(Value, with = number))]
    number: u64,
}

fn main() {}
