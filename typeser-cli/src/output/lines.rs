//! Finds the lines of a snapshot's JSON on which types and their members are declared. The text is read once, and each
//! declaration once, however many findings point at it.
//!
//! typeser writes snapshots with one type or member a line. In a file with another layout nothing may be found; then
//! reports name only the file.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::OnceLock;

/// Where the text of a file is, and what was found in it.
#[derive(Debug)]
pub(crate) struct Text {
    source: Source,
    lines: OnceLock<Lines>,
}

#[derive(Debug, Clone)]
enum Source {
    /// On disk. A binary file has no lines, so reports name only the file.
    Disk(PathBuf),
    /// In memory: it came from git or from standard input.
    Held(String),
}

impl Clone for Text {
    fn clone(&self) -> Self {
        Self { source: self.source.clone(), lines: OnceLock::new() }
    }
}

impl Text {
    pub(crate) fn on_disk(file: PathBuf) -> Self {
        Self { source: Source::Disk(file), lines: OnceLock::new() }
    }

    pub(crate) fn held(text: String) -> Self {
        Self { source: Source::Held(text), lines: OnceLock::new() }
    }

    /// The line and column on which a type is declared, or the innermost of its members that is there.
    pub(super) fn line_of<'a>(&self, name: &str, members: impl Iterator<Item = &'a str>) -> Option<(u32, u32)> {
        let lines = self.lines.get_or_init(|| match &self.source {
            Source::Disk(file) => Lines::of(std::fs::read_to_string(file).unwrap_or_default()),
            Source::Held(text) => Lines::of(text.clone()),
        });
        lines.line_of(name, members)
    }
}

/// A text by lines.
#[derive(Debug)]
struct Lines {
    all: Vec<String>,
    /// The lines on which types are declared, by their names in quotes.
    types: HashMap<String, usize>,
    /// What is inside the lines that were asked for.
    members: RefCell<HashMap<usize, Rc<HashMap<String, usize>>>>,
}

impl Lines {
    fn of(text: String) -> Self {
        let all: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut types: HashMap<String, usize> = HashMap::new();
        for (at, line) in all.iter().enumerate() {
            for name in ["\"struct\": ", "\"enum\": "].into_iter().flat_map(|key| named(line, key)) {
                // Types inside hints are nested deeper, so the outermost declaration is the right one.
                let known = types.entry(name.to_owned()).or_insert(at);
                if depth(line) < depth(&all[*known]) {
                    *known = at;
                }
            }
        }
        Self { all, types, members: RefCell::default() }
    }

    fn line_of<'a>(&self, name: &str, members: impl Iterator<Item = &'a str>) -> Option<(u32, u32)> {
        let quoted = quoted(name);
        let at = *self.types.get(&quoted)?;
        let mut place = (at, self.all[at].find(&quoted)?);
        for member in members {
            let quoted = self::quoted(member);
            let Some(at) = self.inside(place.0).get(&quoted).copied() else { break };
            place = (at, self.all[at].find(&format!("{NAME}{quoted}"))? + NAME.len());
        }
        let column = self.all[place.0].get(..place.1)?.chars().count() + 1;
        Some((u32::try_from(place.0 + 1).ok()?, u32::try_from(column).ok()?))
    }

    /// The lines of the members inside a line, by their names in quotes: of several, the first of those least nested.
    fn inside(&self, at: usize) -> Rc<HashMap<String, usize>> {
        if let Some(known) = self.members.borrow().get(&at) {
            return Rc::clone(known);
        }
        let outside = depth(&self.all[at]);
        // Hints may end on a line with the indentation of the declaration. The next declaration starts with a brace.
        let is_inside = |at: &usize| {
            let line = &self.all[*at];
            depth(line) > outside || !line.trim_start().starts_with('{')
        };
        let mut members: HashMap<String, usize> = HashMap::new();
        for at in (at + 1..self.all.len()).take_while(is_inside) {
            for name in named(&self.all[at], NAME) {
                let known = members.entry(name.to_owned()).or_insert(at);
                if depth(&self.all[at]) < depth(&self.all[*known]) {
                    *known = at;
                }
            }
        }
        let members = Rc::new(members);
        self.members.borrow_mut().insert(at, Rc::clone(&members));
        members
    }
}

/// What is before the name of a member.
const NAME: &str = "\"name\": ";

fn depth(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn quoted(name: &str) -> String {
    serde_json::to_string(name).unwrap_or_default()
}

/// The names in quotes behind a key.
fn named<'l>(line: &'l str, key: &'l str) -> impl Iterator<Item = &'l str> {
    line.match_indices(key).filter_map(move |(at, _)| {
        let text = line.get(at + key.len()..)?;
        let mut escaped = false;
        let mut chars = text.char_indices();
        chars.next().filter(|(_, first)| *first == '"')?;
        let end = chars.find(|(_, c)| {
            let is_end = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            is_end
        })?;
        text.get(..=end.0)
    })
}

#[cfg(test)]
mod tests {
    use super::{Lines, Text};

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
        let lines = Lines::of(JSON.to_owned());
        let at = |name: &str, members: &[&str]| lines.line_of(name, members.iter().copied());
        assert_eq!(at("Order", &[]), Some((5, 16)));
        assert_eq!(at("Order", &["größe"]), Some((11, 16)));
        // Not the type inside the hint.
        assert_eq!(at("Status", &["since"]), Some((14, 16)));
        assert_eq!(at("Status", &["Sent", "since"]), Some((16, 18)));
        // A removed member is found at its type.
        assert_eq!(at("Status", &["Lost"]), Some((13, 14)));
        assert_eq!(at("Status", &["Sent", "lost"]), Some((15, 16)));
        assert_eq!(at("Nobody", &[]), None);
        assert_eq!(Lines::of(String::new()).line_of("Order", [].into_iter()), None);
    }

    #[test]
    fn a_text_is_read_once_however_many_findings_point_at_it() {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
        let file = folder.path().join("order.json");
        std::fs::write(&file, JSON).unwrap_or_else(|error| panic!("{error}"));
        let text = Text::on_disk(file.clone());
        assert_eq!(text.line_of("Order", ["größe"].into_iter()), Some((11, 16)));
        // What is on disk is not looked at again.
        std::fs::remove_file(file).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(text.line_of("Status", ["Sent", "since"].into_iter()), Some((16, 18)));
    }
}
