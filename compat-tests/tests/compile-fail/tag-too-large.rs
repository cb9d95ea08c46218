use typeser::StateType;

#[derive(StateType)]
enum Status {
    #[state(tag = 4294967296)]
    Open,
    #[state(tag = -1)]
    Done,
    #[state(tag = "done")]
    Lost,
}

fn main() {}
