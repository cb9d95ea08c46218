use typeser::StateType;

fn upper(text: String) -> String {
    text.to_uppercase()
}

#[derive(StateType)]
struct Order {
    #[state(convert(String, with = upper))]
    name: String,
}

fn main() {}
