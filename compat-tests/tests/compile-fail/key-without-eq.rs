use typeser::StateType;

#[derive(StateType)]
#[state(key)]
struct Place {
    name: String,
}

fn main() {}
