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

#[derive(PartialEq, Eq, Hash, StateType)]
#[state(key)]
struct Order {
    #[state(with = Text)]
    total: u32,
    #[state(serde(name = "note", version = 1))]
    note: String,
}

fn main() {}
