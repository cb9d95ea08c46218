use typeser::StateType;

#[derive(StateType)]
enum Status {
    Open,
    #[state(removed("carrier"))]
    Shipped { carrier: String },
    #[state(removed("note", becomes = 1))]
    Lost,
}

fn main() {}
