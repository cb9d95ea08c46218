use typeser::StateType;

#[derive(StateType)]
#[repr(C, packed)]
struct Header {
    length: u64,
    kind: u8,
}

fn main() {}
