use typeser::StateType;

fn text(number: u32) -> String {
    number.to_string()
}

#[derive(StateType)]
struct Order {
    #[state(skip, convert(u32, with = text))]
    name: String,
    #[state(skip, none = 3)]
    count: u64,
}

fn main() {}
