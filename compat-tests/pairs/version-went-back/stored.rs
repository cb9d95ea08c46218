#[derive(StateType)]
#[state(version = 3)]
struct Order {
    id: u64,
    note: String,
}
