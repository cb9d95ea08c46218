use typeser::StateType;

#[derive(StateType)]
#[state(removed(becomes = Status::Open))]
enum Status {
    Open,
}

#[derive(StateType)]
#[state(removed("Gone", instead = State::Open))]
enum State {
    Open,
}

fn main() {}
