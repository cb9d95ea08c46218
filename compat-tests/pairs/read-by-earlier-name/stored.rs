#[derive(StateType)]
struct Order {
    id: u64,
    #[state(alias = "note")]
    remark: String,
}
