use typeser::StateType;

#[derive(PartialEq, Eq, Hash, StateType)]
#[state(key)]
struct Place {
    city: String,
    #[state(skip)]
    population: u64,
}

fn main() {}
