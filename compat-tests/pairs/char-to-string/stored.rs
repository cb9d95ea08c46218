#[derive(StateType)]
struct Order {
    grade: char,
}
