use typeser::serializer::{CustomError, CustomSerializer};

struct MoneyText;

impl CustomSerializer for MoneyText {
    type Value = u32;
    const NAME: &'static str = "money-text";
    const VERSION: u32 = 2;
    const READS: &'static [u32] = &[1];

    fn write(cents: &u32, to: &mut Vec<u8>) -> Result<(), CustomError> {
        to.extend_from_slice(format!("{cents} ct").as_bytes());
        Ok(())
    }

    fn read(from: &[u8]) -> Result<u32, CustomError> {
        Ok(str::from_utf8(from)?.trim_end_matches(" ct").parse()?)
    }
}

#[derive(StateType)]
struct Order {
    id: u64,
    #[state(with = MoneyText)]
    total: u32,
}
