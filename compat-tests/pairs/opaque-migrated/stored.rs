use typeser::serializer::{CustomError, CustomSerializer};

struct MoneyText;

impl CustomSerializer for MoneyText {
    type Value = u32;
    const NAME: &'static str = "money-text";
    const VERSION: u32 = 1;

    fn write(cents: &u32, to: &mut Vec<u8>) -> Result<(), CustomError> {
        to.extend_from_slice(cents.to_string().as_bytes());
        Ok(())
    }

    fn read(from: &[u8]) -> Result<u32, CustomError> {
        Ok(str::from_utf8(from)?.parse()?)
    }
}

#[derive(StateType)]
struct Order {
    id: u64,
    #[state(with = MoneyText)]
    total: u32,
}
