use typeser::StateType;

#[derive(StateType)]
#[state(transparent, was = u64)]
struct Count {
    n: u64,
}

#[derive(StateType)]
#[state(as = u64, was = u64)]
struct Number(u64);

impl From<&Number> for u64 {
    fn from(number: &Number) -> Self {
        number.0
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

fn main() {}
