//! Two records that are compared: the fields of a struct or payload on both sides.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::resolve::fix::Site;
use crate::resolve::names::NameSet;
use crate::resolve::steps::step;
use crate::schema::{Field, PathSegment};
use crate::snapshot::RecordHints;

/// What of a record is compared: one side's fields, and what both sides' attributes say of them.
pub(super) struct Records<'a, 'b> {
    pub(super) stored: &'a [Field],
    pub(super) stored_names: NameSet<'a, Field>,
    pub(super) new: &'a [Field],
    pub(super) hints: &'a RecordHints,
    /// The names that the new side has removed.
    pub(super) removed: NameSet<'a, String>,
    /// What the stored side said of its fields.
    pub(super) was: &'a RecordHints,
    /// The names that the stored side had removed; none if it is read downwards.
    pub(super) tombstones: NameSet<'a, String>,
    /// The steps from the pair to the record: none for a struct, the variant for a payload.
    pub(super) segments: &'b [PathSegment],
    /// Where a missing attribute is to be written.
    pub(super) owner: &'b str,
    /// The same place in the new type, and the stored record.
    pub(super) sites: [Site; 2],
    /// The payloads of all stored variants that become the same new one, if there are several.
    pub(super) beside: Option<&'b Payloads<'a>>,
}

/// The payloads of stored variants that become the same new one: how many they are, and how many have each field.
#[derive(Debug, Default)]
pub(super) struct Payloads<'a> {
    count: usize,
    having: HashMap<&'a str, usize>,
}

impl<'a> Payloads<'a> {
    pub(super) fn of(payloads: impl Iterator<Item = &'a [Field]>) -> Self {
        let mut all = Self::default();
        for fields in payloads {
            step();
            all.count += 1;
            fields.iter().for_each(|field| *all.having.entry(&field.name).or_default() += 1);
        }
        all
    }

    /// Whether one of them does not have a field that another one has.
    pub(super) fn lack(&self, field: &str) -> bool {
        self.having.get(field).is_some_and(|having| *having < self.count)
    }

    /// How many have a field.
    pub(super) fn having(&self, field: &str) -> usize {
        self.having.get(field).copied().unwrap_or_default()
    }
}

/// The path of a part below these segments, which most records do not have.
pub(super) fn below<'a>(segments: &[PathSegment], part: &'a [PathSegment]) -> Cow<'a, [PathSegment]> {
    if segments.is_empty() { Cow::Borrowed(part) } else { Cow::Owned([segments, part].concat()) }
}
