//! The line of a file that shows a finding.
//!
//! What the command compares are files, not programs, so a finding points at the snapshot of the side that reads: in a
//! golden that a pull request adds, that is a line of the pull request.

use typeser::resolve::Finding;
use typeser::schema::{Node, PathSegment};

use super::comparison::{File, Pair, Side};
use super::place::Place;

/// Where a finding of a pair points: to the source if its location is known, otherwise to the snapshot that reads.
pub(crate) fn of(pair: &Pair, finding: &Finding) -> Option<Place> {
    if let Some(at) = pair.report.location(finding) {
        return Some(Place { file: at.file.replace('\\', "/"), line: at.line, column: Some(at.column) });
    }
    in_snapshot(pair, &pair.reader, finding)
}

/// The place of a finding in the snapshot that wrote.
pub(crate) fn of_writer(pair: &Pair, finding: &Finding) -> Option<Place> {
    in_snapshot(pair, &pair.writer, finding)
}

fn in_snapshot(pair: &Pair, side: &Side, finding: &Finding) -> Option<Place> {
    let File { path, text } = side.file.as_ref()?;
    let is_reader = std::ptr::eq(side, &pair.reader);
    let snapshot = if is_reader { pair.report.new_snapshot() } else { pair.report.stored_snapshot() };
    let owner = finding.chain.iter().rev().find_map(|link| {
        let node = if is_reader { link.new } else { link.stored };
        match snapshot.schema().get(node)? {
            Node::Struct(node) => Some((node.name.as_str(), link.depth)),
            Node::Enum(node) => Some((node.name.as_str(), link.depth)),
            _ => None,
        }
    });
    let found = owner.and_then(|(name, depth)| {
        let steps = finding.path.segments().get(depth..).unwrap_or_default();
        let members = steps.iter().map_while(|step| match step {
            PathSegment::Field(name) | PathSegment::Variant(name) => Some(&**name),
            _ => None,
        });
        text.line_of(name, members)
    });
    let (line, column) = found.map_or((1, None), |(line, column)| (line, Some(column)));
    Some(Place { file: path.clone(), line, column })
}
