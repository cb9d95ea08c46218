fn cents(amount: String) -> Result<u64, std::num::ParseIntError> {
    amount.replace('.', "").parse()
}

#[derive(StateType)]
struct Price {
    #[state(convert(String, with = cents, injective))]
    amount: u64,
}
