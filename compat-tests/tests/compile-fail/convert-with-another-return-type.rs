use typeser::StateType;

mod functions {
    pub fn text(number: u32) -> Option<String> {
        Some(number.to_string())
    }
}

#[derive(StateType)]
struct Order {
    #[state(convert(u32, with = functions::text))]
    number: String,
}

#[derive(StateType)]
enum Status {
    Shipped {
        #[state(convert(u32, with = functions::text))]
        number: Option<u8>,
    },
}

fn main() {}
