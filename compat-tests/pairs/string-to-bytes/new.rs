#[derive(StateType)]
struct Order {
    body: Vec<u8>,
}
