use typeser::StateType;

#[derive(StateType)]
enum Status {
    #[state(default)]
    Open,
    Done,
}

fn main() {}
