#[derive(StateType)]
struct Order {
    id: u64,
    #[state(alias = "note", alias = "remark")]
    text: String,
}
