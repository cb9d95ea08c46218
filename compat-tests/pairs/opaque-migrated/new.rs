use typeser::serializer::{CustomError, CustomSerializer, OldVersion};

struct MoneyText;

impl CustomSerializer for MoneyText {
    type Value = u32;
    const NAME: &'static str = "money-text";
    const VERSION: u32 = 2;
    const MIGRATES: &'static [OldVersion<u32>] = &[OldVersion {
        version: 1,
        read: |bytes| Ok(str::from_utf8(bytes)?.parse()?),
    }];

    fn write(cents: &u32, to: &mut Vec<u8>) -> Result<(), CustomError> {
        to.extend_from_slice(format!("{}.{:02}", cents / 100, cents % 100).as_bytes());
        Ok(())
    }

    fn read(from: &[u8]) -> Result<u32, CustomError> {
        let (whole, part) = str::from_utf8(from)?.split_once('.').ok_or("no point")?;
        Ok(whole.parse::<u32>()? * 100 + part.parse::<u32>()?)
    }
}

#[derive(StateType)]
struct Order {
    id: u64,
    #[state(with = MoneyText)]
    total: u32,
}
