use typeser::StateType;

#[derive(StateType)]
#[state(removed("Open", becomes = Status::Done))]
enum Status {
    Open,
    Done,
}

fn main() {}
