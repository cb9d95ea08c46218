fn spell(number: u32) -> String {
    number.to_string()
}

#[derive(StateType)]
struct Seat {
    #[state(convert(u32, with = spell, injective))]
    number: String,
}
