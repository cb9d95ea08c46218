use typeser::StateType;

use std::collections::BTreeMap;

#[derive(PartialEq, Eq, Hash, StateType)]
#[state(key)]
struct Place {
    names: BTreeMap<String, String>,
}

fn main() {}
