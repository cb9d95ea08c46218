//! Sets and maps whose elements or keys functions make: a function only promises to keep different inputs different.

use std::sync::Arc;

use crate::resolve::{FunctionsStep, ShapeId};

/// A set or map whose elements or keys functions make.
#[derive(Debug, Clone)]
pub(super) struct DistinctStep {
    /// The first function that an element or key contains.
    pub(super) functions: Arc<FunctionsStep>,
    /// What is stored of an element or key.
    pub(super) part: ShapeId,
    pub(super) map: bool,
    /// Whether it belongs to an element or key that is compared itself: then equal sets must have equal bytes, and the
    /// entries are put into the order of their bytes.
    pub(super) sort: bool,
}

/// An element or key.
#[derive(Debug, Clone, Copy)]
pub(super) struct DistinctPart {
    /// Where it begins and ends in the stored bytes.
    pub(super) stored: (usize, usize),
    /// Where it begins and ends in the written bytes.
    pub(super) written: (usize, usize),
    /// Where its entry ends in the written bytes: a map has a value behind each key.
    entry_end: usize,
}

impl DistinctPart {
    /// A part that begins there.
    pub(super) fn begin(stored: usize, written: usize) -> Self {
        Self { stored: (stored, stored), written: (written, written), entry_end: written }
    }

    pub(super) fn end(&mut self, stored: usize, written: usize) {
        (self.stored.1, self.written.1) = (stored, written);
    }
}

/// Finds two equal parts of a set or map, the later one second. Orders its parts by their written bytes.
pub(super) fn equal_parts(parts: &mut [DistinctPart], out: &[u8]) -> Option<[DistinctPart; 2]> {
    // An entry ends where the next one begins.
    let mut end = out.len();
    for part in parts.iter_mut().rev() {
        part.entry_end = end;
        end = part.written.0;
    }
    let bytes = |part: &DistinctPart| &out[part.written.0..part.written.1];
    parts.sort_unstable_by(|one, other| bytes(one).cmp(bytes(other)).then(one.stored.cmp(&other.stored)));
    let equal = parts.windows(2).find(|pair| bytes(&pair[0]) == bytes(&pair[1]))?;
    Some([equal[0], equal[1]])
}

/// Puts the entries of a set or map into the order of these parts, which [`equal_parts`] has ordered.
pub(super) fn sort_entries(parts: &[DistinctPart], out: &mut Vec<u8>) {
    let Some(begin) = parts.iter().map(|part| part.written.0).min() else { return };
    let entries = out.split_off(begin);
    for part in parts {
        out.extend_from_slice(&entries[part.written.0 - begin..part.entry_end - begin]);
    }
}
