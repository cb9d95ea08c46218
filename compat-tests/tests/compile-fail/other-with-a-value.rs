use typeser::StateType;

#[derive(StateType)]
enum Status {
    Open,
    #[state(other = true)]
    Unknown,
}

fn main() {}
