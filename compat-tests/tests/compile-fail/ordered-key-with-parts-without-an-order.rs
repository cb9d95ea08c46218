use std::cmp::Reverse;

use typeser::StateType;

#[derive(PartialEq, Eq, PartialOrd, Ord, Hash, StateType)]
#[state(key)]
struct Plain(u8);

#[derive(PartialEq, Eq, PartialOrd, Ord, Hash, StateType)]
#[state(ordered)]
struct Key {
    newest: Reverse<u64>,
    name: std::ffi::OsString,
    plain: Plain,
}

fn main() {}
