use typeser::StateType;
use typeser::serializer::{CustomError, CustomSerializer};

struct Text;

impl CustomSerializer for Text {
    type Value = u32;
    const NAME: &'static str = "text";
    const VERSION: u32 = 1;

    fn write(value: &u32, to: &mut Vec<u8>) -> Result<(), CustomError> {
        to.extend_from_slice(value.to_string().as_bytes());
        Ok(())
    }

    fn read(from: &[u8]) -> Result<u32, CustomError> {
        Ok(str::from_utf8(from)?.parse()?)
    }
}

#[derive(StateType)]
struct Order {
    #[state(with = Text, serde(name = "total", version = 1))]
    total: u32,
    #[state(with = Text, with = Text)]
    sum: u32,
}

fn main() {}
