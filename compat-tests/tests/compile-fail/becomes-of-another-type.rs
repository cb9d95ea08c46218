use typeser::StateType;

#[derive(StateType)]
#[state(removed("Lost", becomes = 3))]
enum Status {
    Open,
    Done,
}

fn main() {}
