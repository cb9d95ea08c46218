#[derive(StateType)]
#[state(removed("note"))]
struct Order {
    id: u64,
    #[state(default)]
    remark: String,
}
