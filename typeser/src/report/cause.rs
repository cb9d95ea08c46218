//! The identity of a finding, and that of its cause.

use std::fmt;

use xxhash_rust::xxh3::xxh3_64;

use super::excerpt::Layout;
use super::place::places;
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
    pub(super) fn cause(&self, finding: &Finding, stored: &Layout) -> FindingId {
        let [stored_place, new_place] = places([self.stored_snapshot(), self.new_snapshot()], finding);
        let named = |side: &Side| format!("{} {:?}", side.type_name, side.version);
        let note = finding.note.as_deref().unwrap_or_default();
        let mut parts = vec![finding.rule.id.to_owned(), finding.detail.clone(), note.to_owned()];
        parts.extend([named(&finding.stored), named(&finding.new)]);
        match stored_place.owner() {
            // The definition distinguishes types of one name, and the mark the members of one type.
            Some(_) => {
                let excerpt = stored.excerpt(stored_place, "");
                parts.extend([excerpt.text, format!("{:?}", excerpt.mark)]);
            }
            None => parts.extend([self.stored.fingerprint.to_string(), finding.path.to_string()]),
        }
        if new_place.owner().is_none() {
            parts.push(self.new.fingerprint.to_string());
        }
        let location = self.location(finding).map(|at| format!("{}:{}:{}", at.file, at.line, at.column));
        parts.extend(location);
        hash(parts.iter().map(String::as_str))
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
