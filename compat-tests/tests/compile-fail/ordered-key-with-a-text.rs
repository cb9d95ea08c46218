use typeser::StateType;

#[derive(PartialEq, Eq, PartialOrd, Ord, Hash, StateType)]
#[state(ordered)]
struct Key {
    #[state(text(canonical))]
    version: std::net::Ipv4Addr,
    #[state(as(u32, canonical))]
    letter: char,
}

fn main() {}
