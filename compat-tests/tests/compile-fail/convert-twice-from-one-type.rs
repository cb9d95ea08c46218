use typeser::StateType;

fn text(number: u32) -> String {
    number.to_string()
}

#[derive(StateType)]
struct Order {
    #[state(convert(Vec<u32>, with = join), convert(Vec < u32 >, with = text))]
    number: String,
}

fn main() {}
