#[derive(StateType)]
#[state(removed("remark"))]
struct Order {
    id: u64,
    #[state(alias = "note")]
    text: String,
}
