use std::time::Duration;

#[derive(StateType)]
struct Order {
    due: Duration,
}
