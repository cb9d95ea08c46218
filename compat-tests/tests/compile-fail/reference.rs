use typeser::StateType;

#[derive(StateType)]
struct Order {
    note: &'static str,
    items: Option<&'static [u64]>,
    first: Vec<&'static u64>,
}

fn main() {}
