#[derive(StateType)]
struct Order {
    #[state(convert(Vec<u16>, with = three))]
    sizes: [u16; 3],
}

fn three(sizes: Vec<u16>) -> Result<[u16; 3], String> {
    sizes.try_into().map_err(|sizes: Vec<u16>| format!("{} sizes instead of 3", sizes.len()))
}
