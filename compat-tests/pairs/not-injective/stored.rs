use std::collections::BTreeMap;

#[derive(PartialEq, Eq, PartialOrd, Ord, StateType)]
struct Place {
    street: String,
    number: u32,
}

type Visits = BTreeMap<Place, u64>;
