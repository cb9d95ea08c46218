use std::collections::BTreeMap;

#[derive(StateType)]
struct Order {
    #[state(convert(Vec<String>, with = counted))]
    items: BTreeMap<String, u32>,
}

fn counted(items: Vec<String>) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    counts
}
