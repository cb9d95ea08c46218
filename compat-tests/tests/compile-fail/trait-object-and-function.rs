use typeser::StateType;

#[derive(StateType)]
struct Order {
    price: Box<dyn Fn(u64) -> u64>,
    check: fn(u64) -> bool,
    place: *const u8,
}

fn main() {}
