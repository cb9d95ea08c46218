use typeser::StateType;

#[derive(StateType)]
enum Status {
    #[state(text)]
    Open,
    #[state(as = u64)]
    Closed,
    #[state(remote = "other::Lost")]
    Lost,
}

fn main() {}
