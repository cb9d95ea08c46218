use typeser::StateType;

#[derive(StateType)]
#[state(transparent, name = "Number", version = 2, removed("old"))]
struct Id {
    #[state(alias = "no")]
    number: u64,
}

fn main() {}
