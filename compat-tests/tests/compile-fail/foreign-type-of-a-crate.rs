use typeser::StateType;

struct DateTime<Zone>(Zone);

#[derive(StateType)]
struct Order {
    at: DateTime<u8>,
    cell: std::sync::OnceLock<u32>,
}

fn main() {}
