//! Where the types of a state are declared, in a hidden file beside its snapshot, so that a tool without the program can
//! point at lines of Rust. They are never part of a snapshot.

use std::collections::BTreeMap;

use crate::schema::{Node, NodeId, Schema};
use crate::snapshot::{Location, SerializerSnapshot};

/// The ending of the file; it begins with a dot and the stem of the state.
const ENDING: &str = ".locations";

/// The name of the file for a state.
#[must_use]
pub fn locations_file(stem: &str) -> String {
    format!(".{stem}{ENDING}")
}

/// Whether a file has the name of one with locations.
#[doc(hidden)]
#[must_use]
pub fn is_locations_file(name: &str) -> bool {
    name.starts_with('.') && name.ends_with(ENDING)
}

/// A line for each type: its name, file, line and column, with tabs between them.
pub(super) fn to_text(snapshot: &SerializerSnapshot) -> String {
    let schema = snapshot.schema();
    let line = |id: NodeId| {
        let (name, at) = (name_of(schema, id)?, snapshot.location(id)?);
        let is_plain = ![name, at.file].iter().any(|text| text.contains(['\t', '\n', '\r']));
        is_plain.then(|| format!("{name}\t{}\t{}\t{}\n", at.file, at.line, at.column))
    };
    schema.ids().filter_map(line).collect()
}

/// The snapshot with the locations of a text that a golden test wrote; of other texts, with none.
#[must_use]
pub fn with_locations(snapshot: SerializerSnapshot, text: &str) -> SerializerSnapshot {
    let mut files: BTreeMap<&str, &'static str> = BTreeMap::new();
    let mut types: BTreeMap<&str, Location> = BTreeMap::new();
    for line in text.lines() {
        let [name, file, line, column] = line.split('\t').collect::<Vec<_>>()[..] else { continue };
        let (Ok(line), Ok(column)) = (line.parse(), column.parse()) else { continue };
        // Locations are constants of a program. A tool reads few of them once, and ends.
        let file = *files.entry(file).or_insert_with(|| Box::leak(file.to_owned().into_boxed_str()));
        types.insert(name, Location { file, line, column });
    }
    let schema = snapshot.schema();
    let locations = schema.ids().map(|id| types.get(name_of(schema, id)?).copied()).collect();
    snapshot.with_locations(locations)
}

fn name_of(schema: &Schema, id: NodeId) -> Option<&str> {
    match schema.node(id) {
        Node::Struct(node) => Some(&node.name),
        Node::Enum(node) => Some(&node.name),
        Node::Opaque(node) => Some(&node.name),
        _ => None,
    }
}
