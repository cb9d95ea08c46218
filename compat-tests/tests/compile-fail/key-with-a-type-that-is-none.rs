use typeser::StateType;

#[derive(PartialEq, Eq, Hash, StateType)]
struct City {
    name: String,
}

#[derive(PartialEq, Eq, Hash, StateType)]
#[state(key)]
struct Place {
    city: City,
}

fn main() {}
