#[derive(StateType, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[state(key)]
struct Seat {
    row: u16,
    letter: char,
}
