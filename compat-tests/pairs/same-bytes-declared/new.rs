#[derive(StateType)]
#[state(was = (i64, u32))]
struct Total {
    sum: i64,
    count: u32,
}

#[derive(StateType)]
struct Delays {
    total: Total,
}
