#[derive(StateType)]
struct Delays {
    total: (i64, u32),
}
