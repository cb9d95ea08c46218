//! The functions that the program of the oracle has: the model knows the same four by heart.

use std::sync::LazyLock;

use typeser::serializer::Conversions;
use typeser::{Serializer, StateType, TypeSerializer};

/// Attributes are what gives functions their ids.
#[derive(StateType)]
#[allow(dead_code, reason = "only its functions are of use")]
struct Functions {
    #[state(convert(u32, with = spelled, injective))]
    a: String,
    #[state(convert(String, with = length))]
    b: u64,
    #[state(convert(i64, with = negative))]
    c: bool,
    #[state(convert(u64, with = narrowed))]
    d: u32,
}

fn spelled(number: u32) -> String {
    number.to_string()
}

fn length(text: String) -> u64 {
    text.chars().count() as u64
}

fn negative(number: i64) -> bool {
    number < 0
}

fn narrowed(number: u64) -> Result<u32, String> {
    u32::try_from(number).map_err(|_| format!("{number} is too large"))
}

/// Them.
pub(super) static FUNCTIONS: LazyLock<Conversions> = LazyLock::new(|| {
    let serializer = Serializer::<Functions>::new();
    serializer.map_or_else(|_| Conversions::new(), |serializer| serializer.conversions().clone())
});
