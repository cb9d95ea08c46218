use std::time::{Duration, SystemTime};

#[derive(StateType)]
struct Order {
    #[state(convert(Duration, with = since_1970))]
    due: SystemTime,
}

fn since_1970(due: Duration) -> SystemTime {
    SystemTime::UNIX_EPOCH + due
}
