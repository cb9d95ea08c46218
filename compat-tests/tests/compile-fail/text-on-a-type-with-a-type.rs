use typeser::StateType;

#[derive(StateType)]
#[state(text(Version))]
struct Version(u8);

#[derive(StateType)]
#[state(text, name = "Version", version = 2)]
struct Version2(u8);

fn main() {}
