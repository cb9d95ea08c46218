use typeser::StateType;

#[derive(PartialEq, Eq, Hash, StateType)]
#[state(key)]
struct Order<T> {
    #[state(serde(name = "note", version = 1, canonical))]
    note: T,
}

fn main() {}
