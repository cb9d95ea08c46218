use typeser::serializer::{CustomError, CustomSerializer};

struct Money(u64);

struct Cents;

impl CustomSerializer for Cents {
    type Value = Money;
    const NAME: &'static str = "Money";
    const VERSION: u32 = 2;
    const READS: &'static [u32] = &[1];

    fn write(value: &Money, to: &mut Vec<u8>) -> Result<(), CustomError> {
        to.extend(value.0.to_be_bytes());
        Ok(())
    }

    fn read(from: &[u8]) -> Result<Money, CustomError> {
        Ok(Money(u64::from_be_bytes(from.try_into()?)))
    }
}

#[derive(StateType)]
struct Order {
    id: u64,
    #[state(with = Cents)]
    total: Money,
}
