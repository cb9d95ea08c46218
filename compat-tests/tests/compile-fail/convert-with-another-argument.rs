use typeser::StateType;

fn text(number: u64) -> String {
    number.to_string()
}

#[derive(StateType)]
struct Order {
    #[state(convert(u32, with = text))]
    number: String,
}

fn main() {}
