use typeser::StateType;

#[derive(StateType)]
#[state(transparent, migrate(1 => old))]
struct Name {
    #[state(convert(u32, with = text), none = String::new())]
    name: String,
}

fn main() {}
