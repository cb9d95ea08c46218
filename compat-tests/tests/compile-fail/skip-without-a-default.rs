use typeser::StateType;

struct Connection(u64);

#[derive(StateType)]
struct Client {
    id: u64,
    #[state(skip)]
    connection: Connection,
}

fn main() {}
