#[derive(StateType)]
#[state(version = 2)]
struct Order {
    id: u64,
    note: String,
}
