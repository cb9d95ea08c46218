use typeser::StateType;

#[derive(StateType)]
#[state(bound = "StateType")]
struct Order<T> {
    id: T,
}

fn main() {}
