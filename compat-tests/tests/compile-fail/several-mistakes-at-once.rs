use typeser::StateType;

#[derive(StateType)]
#[state(version = 0, name = "option", colour)]
enum Status {
    #[state(tag = "first")]
    Open {
        #[state(alias = "until", removed("x"))]
        until: &'static str,
    },
    #[state(alias = "Open", skip)]
    Done,
}

// Code that relies on the type reports no additional mistakes.
#[derive(StateType)]
struct Order {
    status: Option<Status>,
}

fn store(status: &Status) -> Vec<u8> {
    let mut bytes = Vec::new();
    typeser::serializer::encode_bytes::<_, typeser::wire::Fixed>(status, &mut bytes).unwrap();
    bytes
}

fn main() {}
