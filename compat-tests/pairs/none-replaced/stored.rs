#[derive(StateType)]
struct Order {
    note: Option<u32>,
}
