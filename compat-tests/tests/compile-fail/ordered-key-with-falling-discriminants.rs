use typeser::StateType;

const LAST: isize = 9;

#[derive(PartialEq, Eq, PartialOrd, Ord, Hash, StateType)]
#[state(ordered)]
enum Level {
    High = 10,
    Low = -1,
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Hash, StateType)]
#[state(ordered)]
enum Other {
    First,
    Last = LAST,
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Hash, StateType)]
#[state(ordered)]
enum Below {
    Normal,
    Low = -5,
}

fn main() {}
