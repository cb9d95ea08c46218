use typeser::StateType;

#[derive(StateType)]
enum Status {
    Open,
    #[state(other)]
    Unknown,
    #[state(other)]
    Lost,
}

fn main() {}
