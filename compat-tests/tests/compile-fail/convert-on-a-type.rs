use typeser::StateType;

#[derive(StateType)]
#[state(convert(u32, with = order))]
struct Order {
    #[state(migrate(1 => text))]
    name: String,
    #[state(other)]
    count: u64,
}

#[derive(StateType)]
#[state(none = 3, other)]
enum Status {
    #[state(convert(u32, with = text))]
    Open(String),
}

fn main() {}
