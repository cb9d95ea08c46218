use std::num::{NonZero, TryFromIntError};

#[derive(StateType)]
struct Order {
    #[state(convert(u32, with = at_least_one))]
    quantity: NonZero<u32>,
}

fn at_least_one(quantity: u32) -> Result<NonZero<u32>, TryFromIntError> {
    quantity.max(1).try_into()
}
