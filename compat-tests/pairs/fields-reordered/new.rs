#[derive(StateType)]
struct Order {
    note: String,
    id: u64,
}
