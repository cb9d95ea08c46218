use typeser::StateType;

struct Money(u64);

#[derive(StateType)]
struct Page<T> {
    items: Vec<T>,
}

#[derive(StateType)]
struct Orders {
    first: Page<Money>,
}

fn main() {}
