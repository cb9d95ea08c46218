//! A stored value for which a finding matters, as small as one can be, with its bytes.

mod climb;
mod show;

use crate::resolve::Finding;
use crate::snapshot::SerializerSnapshot;
use crate::value::Value;
use crate::value::minimal::Minimal;

/// Longer values are not worth showing.
const MOST_BYTES: usize = 4096;

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
    /// Two keys or elements would become one: both are in the one value, or each is a value of its own.
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

/// The smallest stored value that shows a finding.
///
/// The two snapshots are those that were compared. What comes back is a value that the stored serializer writes and reads
/// again. There is none where typeser cannot know one (inside opaque leaves), where no stored value is touched (a variant
/// that is new), and where it would be large.
///
/// ```
/// use typeser::report::{Claim, witness};
/// use typeser::resolve::{resolve, Policy, Role};
/// use typeser::{Serializer, TypeSerializer};
///
/// let (stored, new) = (Serializer::<Vec<u32>>::new()?, Serializer::<Vec<u16>>::new()?);
/// let (stored, new) = (stored.snapshot(), new.snapshot());
/// let resolution = resolve(stored, new, Role::Value, &Policy::default());
/// let witness = witness(stored, new, &resolution.findings()[0]).expect("a number that does not fit");
/// assert_eq!(witness.claim, Claim::NoCounterpart);
/// assert_eq!(witness.examples[0].value.to_string(), "[65536]");
/// assert_eq!(witness.examples[0].bytes, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
/// # Ok::<(), typeser::serializer::DescribeError>(())
/// ```
#[must_use]
pub fn witness(stored: &SerializerSnapshot, new: &SerializerSnapshot, finding: &Finding) -> Option<Witness> {
    Witnesses::of(stored, new).witness(finding)
}

/// What the witnesses of one report share.
#[derive(Debug)]
pub(super) struct Witnesses<'a> {
    stored: &'a SerializerSnapshot,
    new: &'a SerializerSnapshot,
    minimal: Minimal<'a>,
}

impl<'a> Witnesses<'a> {
    pub(super) fn of(stored: &'a SerializerSnapshot, new: &'a SerializerSnapshot) -> Self {
        Self { stored, new, minimal: Minimal::of(stored.schema()) }
    }

    pub(super) fn witness(&self, finding: &Finding) -> Option<Witness> {
        let shown = show::show(&self.minimal, self.new, finding)?;
        let shown = climb::climb(&self.minimal, finding, shown)?;
        let examples = shown.values.into_iter().map(|value| self.example(value)).collect::<Option<Vec<_>>>()?;
        Some(Witness { claim: shown.claim, examples })
    }

    /// The value with its bytes, if the stored serializer writes it and reads it again.
    fn example(&self, value: Value) -> Option<Example> {
        let mut bytes = Vec::new();
        value.encode(self.stored, &mut bytes).ok()?;
        let again = Value::decode(self.stored, &bytes).ok()?;
        (again == value && bytes.len() <= MOST_BYTES).then_some(Example { value, bytes })
    }
}

/// Values of some node of the stored schema, on the way to the top.
#[derive(Debug)]
struct Shown {
    claim: Claim,
    values: Vec<Value>,
}

impl Shown {
    fn one(claim: Claim, value: Value) -> Self {
        Self { claim, values: vec![value] }
    }
}
