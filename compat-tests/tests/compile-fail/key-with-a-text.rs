use typeser::StateType;

#[derive(PartialEq, Eq, Hash, StateType)]
#[state(key)]
struct Key {
    #[state(text)]
    version: Version,
    #[state(as = u8)]
    flags: Version,
    #[state(text(Version, canonical))]
    set: std::collections::BTreeSet<Version>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Version(u8);

fn main() {}
