#[derive(StateType)]
struct Order {
    sizes: Vec<u16>,
}
