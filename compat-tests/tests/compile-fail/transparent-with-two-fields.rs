use typeser::StateType;

#[derive(StateType)]
#[state(transparent)]
struct Id {
    number: u64,
    check: u8,
}

#[derive(StateType)]
#[state(transparent)]
struct Nothing;

fn main() {}
