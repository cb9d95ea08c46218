#[derive(StateType)]
#[state(alias = "Sale")]
struct Order {
    id: u64,
}
