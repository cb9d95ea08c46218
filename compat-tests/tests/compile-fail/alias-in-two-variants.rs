use typeser::StateType;

#[derive(StateType)]
enum Status {
    #[state(alias = "New")]
    Open,
    #[state(alias = "New")]
    Created,
}

fn main() {}
