use typeser::StateType;

#[derive(PartialEq, Eq, Hash, StateType)]
#[state(ordered)]
struct Key(u8);

fn main() {}
