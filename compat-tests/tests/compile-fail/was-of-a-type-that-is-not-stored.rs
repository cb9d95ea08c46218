use typeser::StateType;

struct Unstored(u64);

#[derive(StateType)]
#[state(was = Unstored)]
struct Count {
    n: u64,
}

fn main() {}
