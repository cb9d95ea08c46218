use typeser::StateType;

#[derive(StateType)]
#[state(transparent)]
enum Id {
    Number(u64),
}

fn main() {}
