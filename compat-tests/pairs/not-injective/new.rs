use std::collections::BTreeMap;

#[derive(PartialEq, Eq, PartialOrd, Ord, StateType)]
#[state(removed("number"))]
struct Place {
    street: String,
}

type Visits = BTreeMap<Place, u64>;
