#[derive(StateType, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[state(key, name = "Seat")]
struct Seat1 {
    row: u16,
    letter: char,
}

fn join(old: Seat1) -> Seat {
    Seat { name: format!("{}{}", old.row, old.letter) }
}

#[derive(StateType, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[state(key, version = 2, migrate(1 => join, injective))]
struct Seat {
    name: String,
}
