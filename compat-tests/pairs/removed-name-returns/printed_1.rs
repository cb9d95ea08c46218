#[derive(StateType)]
struct Order {
    id: u64,
    #[state(default)]
    #[state(name = "remark", alias = "note")]
    note: String,
}
