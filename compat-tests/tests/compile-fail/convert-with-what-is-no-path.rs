use typeser::StateType;

fn text(number: u32) -> String {
    number.to_string()
}

#[derive(StateType)]
struct Order {
    #[state(convert(u32, with = "text"))]
    a: String,
    #[state(convert(u32, with = text()))]
    b: String,
    #[state(convert(u32, with = |number| text(number)))]
    c: String,
    #[state(convert("u32", with = text))]
    d: String,
    #[state(convert(u32, with = text, injective = true))]
    e: String,
    #[state(convert(u32, with = text, with = text))]
    f: String,
    #[state(convert(u32, with = text, injective, injective))]
    g: String,
    #[state(convert(u32, using = text))]
    h: String,
    #[state(convert(u32, with = 3))]
    i: String,
}

fn main() {}
