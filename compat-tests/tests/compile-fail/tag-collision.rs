use typeser::StateType;

#[derive(StateType)]
enum Status {
    Open,
    #[state(tag = 2)]
    Shipped,
    Done,
    #[state(tag = 0)]
    Lost,
}

fn main() {}
