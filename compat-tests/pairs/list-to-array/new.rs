#[derive(StateType)]
struct Order {
    sizes: [u16; 3],
}
