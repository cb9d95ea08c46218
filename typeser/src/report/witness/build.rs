//! Builds the witness of a finding: the part that shows it, the value around it, and the bytes.

use super::climb::climb;
use super::example::{Example, Witness};
use super::find::find;
use crate::resolve::Finding;
use crate::snapshot::SerializerSnapshot;
use crate::value::Value;
use crate::value::minimal::Minimal;

/// Longer values are not worth showing.
const MOST_BYTES: usize = 4096;

/// How much the witnesses of one report may hold together, whatever the layouts: about the bytes of their text.
const MOST_IN_ALL: usize = 1 << 20;
/// How much more for each byte that the stored layout weighs.
const FOR_EACH_BYTE: usize = 16;

/// The smallest stored value that shows a finding.
///
/// The two snapshots are those that were compared. What comes back is a value that the stored serializer writes and
/// reads again. There is none where typeser cannot know one (inside opaque leaves), where no stored value is touched (a
/// variant that is new), and where it would be large. A report shows no more witnesses than about 1 MiB of text holds,
/// and 16 times the weight of the stored layout: the findings after that have none.
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
pub(in crate::report) struct Witnesses<'a> {
    stored: &'a SerializerSnapshot,
    new: &'a SerializerSnapshot,
    minimal: Minimal<'a>,
}

impl<'a> Witnesses<'a> {
    pub(in crate::report) fn of(stored: &'a SerializerSnapshot, new: &'a SerializerSnapshot) -> Self {
        let weight = MOST_IN_ALL.saturating_add(stored.schema().weight().saturating_mul(FOR_EACH_BYTE));
        Self { stored, new, minimal: Minimal::of(stored.schema()).within(weight) }
    }

    pub(in crate::report) fn witness(&self, finding: &Finding) -> Option<Witness> {
        let partial = find(&self.minimal, self.new, finding)?;
        let partial = climb(&self.minimal, finding, partial)?;
        let examples = partial.values.into_iter().map(|value| self.example(value)).collect::<Option<Vec<_>>>()?;
        Some(Witness { claim: partial.claim, examples })
    }

    /// The value with its bytes, if the stored serializer writes it and reads it again.
    fn example(&self, value: Value) -> Option<Example> {
        let mut bytes = Vec::new();
        value.encode(self.stored, &mut bytes).ok()?;
        let again = Value::decode(self.stored, &bytes).ok()?;
        (again == value && bytes.len() <= MOST_BYTES).then_some(Example { value, bytes })
    }
}
