use std::collections::BTreeMap;

#[derive(StateType)]
struct Order {
    items: BTreeMap<String, u32>,
}
