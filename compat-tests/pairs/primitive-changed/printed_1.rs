#[derive(StateType)]
struct Order {
    #[state(convert(u32, with = signed))]
    balance: i32,
}

fn signed(balance: u32) -> Result<i32, std::num::TryFromIntError> {
    balance.try_into()
}
