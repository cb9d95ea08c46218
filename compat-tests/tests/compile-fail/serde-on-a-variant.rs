use typeser::StateType;

#[derive(StateType)]
enum Status {
    Open,
    #[state(serde(name = "shipped", version = 1))]
    Shipped { to: String },
}

fn main() {}
