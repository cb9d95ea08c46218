#[derive(StateType)]
struct Order {
    id: u64,
    note: String,
}
