use typeser::StateType;

#[derive(StateType)]
enum Status {
    Open,
    #[state(name = "Open")]
    Reopened,
}

fn main() {}
