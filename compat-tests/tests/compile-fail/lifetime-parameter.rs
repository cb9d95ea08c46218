use typeser::StateType;

#[derive(StateType)]
struct Order<'a> {
    note: std::borrow::Cow<'a, str>,
}

fn main() {}
