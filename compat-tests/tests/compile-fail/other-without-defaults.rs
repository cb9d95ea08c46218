use typeser::StateType;

#[derive(StateType)]
enum Status {
    Open,
    #[state(other)]
    Unknown {
        code: u8,
        #[state(default)]
        note: String,
        #[state(skip)]
        cache: u64,
    },
}

#[derive(StateType)]
enum State {
    #[state(other)]
    Unknown(u8),
}

fn main() {}
