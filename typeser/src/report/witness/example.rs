//! What a witness is: stored values, their bytes, and what they show.

use crate::value::Value;

/// Stored values that show what a finding says.
#[derive(Debug, Clone, PartialEq)]
pub struct Witness {
    /// What they show.
    pub claim: Claim,
    /// One value, or two that would become one.
    pub examples: Vec<Example>,
}

/// A value that the stored serializer writes, and its bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// The value.
    pub value: Value,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What a witness shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Claim {
    /// The new type has no value that this one could become.
    NoCounterpart,
    /// Two keys or elements would become one: both are in the one value, or each is a separate value.
    Collision,
    /// The value has a part where the change is.
    Touched,
}

impl Claim {
    /// The word for it in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoCounterpart => "no-counterpart",
            Self::Collision => "collision",
            Self::Touched => "touched",
        }
    }
}

/// Values of some node of the stored schema, on the way to the top.
#[derive(Debug)]
pub(super) struct Partial {
    pub(super) claim: Claim,
    pub(super) values: Vec<Value>,
}

impl Partial {
    pub(super) fn one(claim: Claim, value: Value) -> Self {
        Self { claim, values: vec![value] }
    }
}
