use typeser::StateType;

struct Refused;

fn text(number: u32) -> Result<String, Refused> {
    Err(Refused)
}

#[derive(StateType)]
struct Order {
    #[state(convert(u32, with = text))]
    number: String,
}

fn main() {}
