use typeser::StateType;

#[derive(StateType)]
#[state(name = "duration")]
struct Span {
    seconds: u64,
}

#[derive(StateType)]
#[allow(non_camel_case_types)]
struct list {
    first: u64,
}

fn main() {}
