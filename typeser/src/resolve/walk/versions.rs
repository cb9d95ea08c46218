//! Which stored versions functions and opaque leaves read.

use std::collections::HashSet;

use crate::resolve::steps::step;
use crate::schema::OpaqueNode;
use crate::snapshot::OpaqueHints;

/// What the serializers of two opaque leaves declare of each other's versions. Asked once for each two leaves, which may
/// meet in many places.
pub(super) struct LeafPair {
    /// The function between the two versions, if the stored one is newer; as the end of a sentence.
    pub(super) over: Option<String>,
    /// The versions that the stored leaf read unchanged and the new one does not.
    pub(super) forgotten: Vec<u32>,
    /// Whether the new leaf reads the stored version unchanged.
    pub(super) reads: bool,
    /// The id of the function that reads the stored version.
    pub(super) migrates: Option<String>,
}

impl LeafPair {
    pub(super) fn of(
        (stored, was): (&OpaqueNode, Option<&OpaqueHints>),
        (new, now): (&OpaqueNode, Option<&OpaqueHints>),
    ) -> Self {
        let functions = was.map(|was| was.migrates.as_slice()).unwrap_or_default().iter();
        let functions = functions.map(|migration| (migration.from, migration.id.as_str()));
        // What lies under the stored version may be of those that it read as they were.
        let earlier = was.map(|was| was.reads.as_slice()).unwrap_or_default();
        let reads: HashSet<u32> = now.map(|now| now.reads.as_slice()).unwrap_or_default().iter().copied().collect();
        let is_forgotten = |version: &u32| {
            step();
            *version != new.version && !reads.contains(version)
        };
        let migration = now.and_then(|now| now.migrates.iter().find(|migration| migration.from == stored.version));
        Self {
            over: first_over(functions, new.version, stored.version),
            forgotten: earlier.iter().copied().filter(is_forgotten).collect(),
            reads: reads.contains(&stored.version),
            migrates: migration.map(|migration| migration.id.clone()),
        }
    }
}

/// The first function for values of a version or a later one, if the stored version is newer than it; as the end of a
/// sentence.
pub(super) fn first_over<'a>(
    functions: impl Iterator<Item = (u32, &'a str)>,
    version: u32,
    stored: u32,
) -> Option<String> {
    let (from, id) = functions.filter(|(from, _)| stored > version && *from >= version).min()?;
    Some(format!("stored values are what `{id}` makes of version {from}"))
}
