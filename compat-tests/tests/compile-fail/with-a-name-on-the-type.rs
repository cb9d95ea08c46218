use typeser::StateType;
use typeser::serializer::{CustomError, CustomSerializer};

struct Text;

impl CustomSerializer for Text {
    type Value = Order;
    const NAME: &'static str = "text";
    const VERSION: u32 = 1;

    fn write(value: &Order, to: &mut Vec<u8>) -> Result<(), CustomError> {
        to.extend_from_slice(value.total.to_string().as_bytes());
        Ok(())
    }

    fn read(from: &[u8]) -> Result<Order, CustomError> {
        Ok(Order { total: str::from_utf8(from)?.parse()? })
    }
}

#[derive(StateType)]
#[state(with = Text, name = "order", version = 2)]
struct Order {
    #[state(default)]
    total: u32,
}

fn main() {}
