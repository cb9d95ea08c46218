use typeser::StateType;

fn text(number: u32) -> String {
    number.to_string()
}

#[derive(StateType)]
struct Order {
    #[state(convert(Vec<u32>, with = join), convert(Vec < u32 >, with = text))]
    number: String,
    #[state(convert(u8, with = u64::from), convert(u16, with = u64::from))]
    count: u64,
}

fn main() {}
