//! Functions that a release declared for earlier versions of a type, and the newest release does not, under the same
//! version: without them, an older release takes what they converted for its own values.

use std::collections::BTreeMap;

use crate::resolve::Release;
use crate::schema::Node;
use crate::snapshot::{NodeHints, SerializerSnapshot};

/// A function for an earlier version of a type that the newest release no longer declares, although the version of the
/// type stayed.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{type_name}` is still version {version}, but does not declare `migrate({from} => ..)` any more, as release {release} \
     did: after a rollback, a release with version {from} would misread what `{id}` converted"
)]
#[non_exhaustive]
pub struct DroppedFunction {
    /// The declared name of the type.
    pub type_name: String,
    /// Its version.
    pub version: u32,
    /// The version that the function reads.
    pub from: u32,
    /// The id of the function.
    pub id: String,
    /// The last release that declared it.
    pub release: String,
}

crate::text::debug_as_display!(DroppedFunction);

impl DroppedFunction {
    /// What to do.
    #[must_use]
    pub fn help(&self) -> String {
        format!(
            "declare `migrate({} => ..)` for as long as `{}` has version {}; it may go when the version is raised",
            self.from, self.type_name, self.version
        )
    }
}

/// The functions that the last of these releases dropped.
pub(super) fn dropped(releases: &[Release]) -> Vec<DroppedFunction> {
    let Some((newest, earlier)) = releases.split_last() else { return Vec::new() };
    let declared = functions(newest.snapshot());
    let mut dropped = BTreeMap::new();
    for release in earlier {
        for ((type_name, version), functions) in functions(release.snapshot()) {
            let Some(kept) = declared.get(&(type_name, version)) else { continue };
            for (from, id) in functions.into_iter().filter(|(from, _)| !kept.contains_key(from)) {
                let function = DroppedFunction {
                    type_name: type_name.to_owned(),
                    version,
                    from,
                    id: id.to_owned(),
                    release: release.name().to_owned(),
                };
                dropped.insert((type_name, version, from), function);
            }
        }
    }
    dropped.into_values().collect()
}

/// The id of each function by the version that it reads.
type Functions<'a> = BTreeMap<u32, &'a str>;

/// The functions of each type and opaque leaf, by its name and version.
fn functions(snapshot: &SerializerSnapshot) -> BTreeMap<(&str, u32), Functions<'_>> {
    let mut types: BTreeMap<(&str, u32), Functions<'_>> = BTreeMap::new();
    for (node, hints) in snapshot.schema().nodes().iter().zip(snapshot.hints()) {
        let (of_type, functions): (_, Vec<(u32, &str)>) = match (node, hints) {
            (Node::Struct(node), NodeHints::Struct(hints)) => {
                let functions = hints.migrations.iter().map(|migration| (migration.from, migration.id.as_str()));
                ((node.name.as_str(), node.version), functions.collect())
            }
            (Node::Enum(node), NodeHints::Enum(hints)) => {
                let functions = hints.migrations.iter().map(|migration| (migration.from, migration.id.as_str()));
                ((node.name.as_str(), node.version), functions.collect())
            }
            (Node::Opaque(node), NodeHints::Opaque(hints)) => {
                let functions = hints.migrates.iter().map(|migration| (migration.from, migration.id.as_str()));
                ((node.name.as_str(), node.version), functions.collect())
            }
            _ => continue,
        };
        types.entry(of_type).or_default().extend(functions);
    }
    types
}
