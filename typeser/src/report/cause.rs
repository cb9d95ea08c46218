//! The identity of a finding, and that of its cause.

use std::borrow::Cow;
use std::fmt;

use xxhash_rust::xxh3::xxh3_64;

use super::excerpt::Layout;
use super::place::{Sides, places};
use super::single::Report;
use crate::resolve::{Finding, Side};

/// What a finding is known by from one run to the next: a hash over rule, role, subject, path and the names of the
/// types.
///
/// It does not depend on the position of the code, so it survives edits elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FindingId(pub u64);

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Report {
    /// What this finding is known by.
    #[must_use]
    pub fn id(&self, finding: &Finding) -> FindingId {
        let path = finding.path.to_string();
        let state = self.state.as_deref().unwrap_or_default();
        let parts = [finding.rule.id, self.role.word(), &self.subject, state, &path];
        hash(parts.into_iter().chain([&*finding.stored.type_name, &finding.new.type_name]))
    }

    /// What all findings share that one edit would mend: the same change in the same types, wherever they are used.
    pub(super) fn cause(&self, finding: &Finding, sides: &Sides<'_>, stored: &Layout) -> FindingId {
        let [stored_place, new_place] = places(sides, finding);
        let named = |side: &Side| Cow::Owned(format!("{} {:?}", side.type_name, side.version));
        let note = finding.note.as_deref().unwrap_or_default();
        let mut parts = [finding.rule.id, &finding.detail, note].map(Cow::Borrowed).to_vec();
        parts.extend([named(&finding.stored), named(&finding.new)]);
        match stored_place.owner() {
            // The definition distinguishes types of one name, and the mark the members of one type.
            Some(_) => parts.extend(stored.identity(stored_place)),
            None => parts.extend([self.stored.fingerprint.to_string(), finding.path.to_string()].map(Cow::Owned)),
        }
        if new_place.owner().is_none() {
            parts.push(Cow::Owned(self.new.fingerprint.to_string()));
        }
        let location = self.location(finding).map(|at| format!("{}:{}:{}", at.file, at.line, at.column));
        parts.extend(location.map(Cow::Owned));
        hash(parts.iter().map(|part| &**part))
    }
}

/// A hash over texts, each with its length before it.
fn hash<'a>(parts: impl Iterator<Item = &'a str>) -> FindingId {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend((part.len() as u64).to_le_bytes());
        bytes.extend(part.as_bytes());
    }
    FindingId(xxh3_64(&bytes))
}
