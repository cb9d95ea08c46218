use typeser::StateType;

#[derive(StateType)]
#[state(was)]
struct Count {
    n: u64,
}

#[derive(StateType)]
#[state(was = 7)]
struct Number {
    n: u64,
}

#[derive(StateType)]
#[state(was(u64))]
struct Listed {
    n: u64,
}

#[derive(StateType)]
#[state(was = "Counter")]
struct Renamed {
    n: u64,
}

fn main() {}
