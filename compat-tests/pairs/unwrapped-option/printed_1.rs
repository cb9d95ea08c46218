#[derive(StateType)]
struct Order {
    #[state(convert(Option<String>, with = Option::unwrap_or_default))]
    note: String,
}
