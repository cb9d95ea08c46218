use std::collections::BTreeSet;

#[derive(StateType)]
struct Order {
    #[state(convert(Vec<String>, with = each_once))]
    tags: BTreeSet<String>,
}

fn each_once(tags: Vec<String>) -> BTreeSet<String> {
    tags.into_iter().collect()
}
