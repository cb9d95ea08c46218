use typeser::StateType;

#[derive(StateType)]
struct Order {
    #[state(convert(u32, with = text))]
    number: String,
}

fn main() {}
