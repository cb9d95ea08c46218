#[derive(StateType)]
struct Order {
    id: u64,
    note: String,
    status: u8,
}
