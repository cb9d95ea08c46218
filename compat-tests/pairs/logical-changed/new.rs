use std::time::SystemTime;

#[derive(StateType)]
struct Order {
    due: SystemTime,
}
