use typeser::StateType;

#[derive(StateType)]
#[state(was = Count)]
struct Count {
    n: u64,
}

#[derive(StateType)]
#[state(was = Self)]
struct Other {
    n: u64,
}

#[derive(StateType)]
#[state(was = u64, was = u64)]
struct Twice {
    n: u64,
}

fn main() {}
