use typeser::StateType;

#[derive(StateType)]
struct Order {
    #[state(rename = "number")]
    id: u64,
    #[state(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

fn main() {}
