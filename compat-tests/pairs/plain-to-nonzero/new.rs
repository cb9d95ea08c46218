use std::num::NonZero;

#[derive(StateType)]
struct Order {
    quantity: NonZero<u32>,
}
