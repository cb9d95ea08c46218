#[derive(StateType)]
struct Sale {
    id: u64,
}
