#[derive(StateType)]
struct Order {
    id: u64,
    note: Option<String>,
}
