//! The line of a file that shows a finding.
//!
//! What the command compares are files, not programs, so a finding points at the snapshot of the side that reads: in a
//! golden that a pull request adds, that is a line of the pull request.

use typeser::resolve::Finding;
use typeser::schema::{Node, PathSegment};

use super::comparison::{File, Pair, Side, Text};
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
    let read;
    let text = match text {
        Text::Disk(file) => {
            read = std::fs::read_to_string(file).unwrap_or_default();
            &read
        }
        Text::Held(text) => text,
    };
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
        line_of(text, name, members)
    });
    let (line, column) = found.map_or((1, None), |(line, column)| (line, Some(column)));
    Some(Place { file: path.clone(), line, column })
}

/// The line of a snapshot's JSON on which a type is declared, or the innermost of its members that is there.
///
/// typeser writes snapshots with one type or member a line. In a file with another layout nothing may be found; then
/// reports name only the file.
fn line_of<'a>(text: &str, name: &str, members: impl Iterator<Item = &'a str>) -> Option<(u32, u32)> {
    let json = |name: &str| serde_json::to_string(name).unwrap_or_default();
    let quoted = json(name);
    let declarations = ["struct", "enum"].map(|kind| format!("\"{kind}\": {quoted}"));
    let declares = |line: &&str| declarations.iter().any(|declaration| line.contains(declaration));
    let lines: Vec<&str> = text.lines().collect();
    // Types inside hints are nested deeper, so the outermost declaration is the right one.
    let depth = |line: &str| line.len() - line.trim_start().len();
    let at = (0..lines.len()).filter(|at| declares(&lines[*at])).min_by_key(|at| depth(lines[*at]))?;
    let mut place = (at, lines[at].find(&quoted)?);
    let mut from = at + 1;
    let mut outside = depth(lines[at]);
    for member in members {
        let quoted = json(member);
        let key = format!("\"name\": {quoted}");
        // Hints may end on a line with the indentation of the declaration. The next declaration starts with a brace.
        let is_inside = |line: &&&str| depth(line) > outside || !line.trim_start().starts_with('{');
        let inside = lines.get(from..).unwrap_or_default().iter().take_while(is_inside);
        let mut candidates = inside.enumerate().filter(|(_, line)| line.contains(&key));
        let nearest = candidates.clone().map(|(_, line)| depth(line)).min();
        let Some((more, line)) = candidates.find(|(_, line)| Some(depth(line)) == nearest) else { break };
        place = (from + more, line.find(&key)? + "\"name\": ".len());
        outside = depth(line);
        from = place.0 + 1;
    }
    let column = lines.get(place.0)?.get(..place.1)?.chars().count() + 1;
    Some((u32::try_from(place.0 + 1).ok()?, u32::try_from(column).ok()?))
}

#[cfg(test)]
mod tests {
    use super::line_of;

    const JSON: &str = r#"{
  "typeser-snapshot": 1,
  "root": "Order",
  "types": [
    {"struct": "Order", "version": 7, "migrate": [{"from": 5, "id": "old", "source": {"root": "Old", "types": [
      {"struct": "Status", "version": 1, "fields": [
        {"name": "since", "type": "f64"}
      ]}
    ]}}], "fields": [
      {"name": "status", "type": "Status"},
      {"name": "größe", "type": "Status"}
    ]},
    {"enum": "Status", "version": 3, "variants": [
      {"name": "since", "tag": 0},
      {"name": "Sent", "tag": 1, "fields": [
        {"name": "since", "type": "u64"}
      ]}
    ]}
  ]
}
"#;

    #[test]
    fn a_type_or_its_innermost_member_is_found() {
        let at = |name: &str, members: &[&str]| line_of(JSON, name, members.iter().copied());
        assert_eq!(at("Order", &[]), Some((5, 16)));
        assert_eq!(at("Order", &["größe"]), Some((11, 16)));
        // Not the type inside the hint.
        assert_eq!(at("Status", &["since"]), Some((14, 16)));
        assert_eq!(at("Status", &["Sent", "since"]), Some((16, 18)));
        // A removed member is found at its type.
        assert_eq!(at("Status", &["Lost"]), Some((13, 14)));
        assert_eq!(at("Status", &["Sent", "lost"]), Some((15, 16)));
        assert_eq!(at("Nobody", &[]), None);
        assert_eq!(line_of("", "Order", [].into_iter()), None);
    }
}
