use std::collections::BTreeSet;

#[derive(StateType)]
struct Order {
    tags: BTreeSet<String>,
}
