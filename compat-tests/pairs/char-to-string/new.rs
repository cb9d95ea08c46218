#[derive(StateType)]
struct Order {
    grade: String,
}
