#[derive(StateType)]
struct Order {
    #[state(convert([u16; 3], with = and_a_fourth))]
    sizes: [u16; 4],
}

fn and_a_fourth([a, b, c]: [u16; 3]) -> [u16; 4] {
    [a, b, c, 0]
}
