#[derive(StateType)]
struct Seat {
    number: u32,
}
