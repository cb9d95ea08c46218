use typeser::StateType;

#[derive(StateType)]
struct Order {
    #[state(convert(Vec<u32>))]
    a: String,
    #[state(convert)]
    b: String,
    #[state(convert())]
    c: String,
    #[state(convert = text)]
    d: String,
    #[state(convert(with = text))]
    e: String,
    #[state(convert(u32, with))]
    f: String,
    #[state(convert(u32, with =))]
    g: String,
    #[state(convert(u32, text))]
    h: String,
    #[state(convert(u32, functions::text))]
    i: String,
    #[state(convert(Vec<u32> => text))]
    j: String,
    #[state(convert(3, with = text))]
    k: String,
}

fn main() {}
