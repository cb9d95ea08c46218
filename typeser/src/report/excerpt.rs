//! Snapshots for the eye: the lines of a layout's text that a finding is about.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;

use xxhash_rust::xxh3::xxh3_128;

use super::place::{Part, Place};
use crate::schema::{Line, Names, NodeId, layout};
use crate::snapshot::SerializerSnapshot;

/// Definitions of at most this many lines are shown whole.
const SMALL: usize = 7;
/// A definition of more bytes than this is known by a hash of its text, so that no finding costs the length of it.
const LARGE: usize = 64 * 1024;

/// The text of a layout, and the position of each line in it. Created once per report.
#[derive(Debug)]
pub(super) struct Layout {
    text: String,
    lines: HashMap<Line, Range<usize>>,
    /// Where definitions begin, in order.
    definitions: Vec<usize>,
    /// What large definitions are known by, by where they begin.
    digests: RefCell<HashMap<usize, String>>,
}

/// The definition in which a place lies, and what of it is marked.
struct Definition<'a> {
    text: &'a str,
    begin: usize,
    mark: Range<usize>,
}

/// Some lines, one part of which is marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Excerpt {
    pub(super) text: String,
    /// What is to be seen beside the mark: the first line of the type, and that of the variant.
    pub(super) context: Vec<Range<usize>>,
    pub(super) mark: Range<usize>,
}

impl Layout {
    pub(super) fn of(snapshot: &SerializerSnapshot) -> Self {
        let mut this =
            Self { text: String::new(), lines: HashMap::new(), definitions: Vec::new(), digests: RefCell::default() };
        let (lines, definitions) = (&mut this.lines, &mut this.definitions);
        let names = Names::of(snapshot.schema(), |_| false);
        layout(&mut this.text, "", snapshot.schema(), &names, &mut |text, _, line| {
            let end = text.trim_end_matches('\n').len();
            let begin = text[..end].rfind('\n').map_or(0, |at| at + 1);
            if matches!(line, Line::Type(_)) {
                definitions.push(begin);
            }
            lines.insert(line, begin..end);
        });
        this
    }

    /// The definition in which a place lies. `top` is the word for what the whole value is.
    pub(super) fn excerpt(&self, place: Place, top: &str) -> Excerpt {
        self.of_line(place).unwrap_or_else(|| {
            let root = self.text.lines().next().unwrap_or_default();
            let root = root.strip_prefix("root ").unwrap_or(root);
            let begin = top.len() + 2;
            let mark = begin..begin + root.len();
            Excerpt { text: format!("{top}: {root}"), context: Vec::new(), mark }
        })
    }

    fn of_line(&self, place: Place) -> Option<Excerpt> {
        let Definition { text, begin, mark } = self.definition(place)?;
        let context = if text.lines().take(SMALL + 1).count() <= SMALL {
            lines(text).collect()
        } else {
            self.context(place.line?).into_iter().map(|range| range.start - begin..range.end - begin).collect()
        };
        Some(Excerpt { text: text.to_owned(), context, mark })
    }

    /// What distinguishes the definition in which a place lies, and the mark in it.
    pub(super) fn identity(&self, place: Place) -> [Cow<'_, str>; 2] {
        let (text, mark) = match self.definition(place) {
            Some(Definition { text, begin, mark }) if text.len() > LARGE => {
                let mut digests = self.digests.borrow_mut();
                let digest = digests.entry(begin).or_insert_with(|| format!("{:032x}", xxh3_128(text.as_bytes())));
                (Cow::Owned(digest.clone()), mark)
            }
            Some(Definition { text, mark, .. }) => (Cow::Borrowed(text), mark),
            None => {
                let Excerpt { text, mark, .. } = self.excerpt(place, "");
                (Cow::Owned(text), mark)
            }
        };
        [text, Cow::Owned(format!("{mark:?}"))]
    }

    fn definition(&self, place: Place) -> Option<Definition<'_>> {
        let line = place.line?;
        let at = self.lines.get(&line)?.clone();
        let next = self.definitions.partition_point(|begin| *begin <= at.start);
        let begin = *self.definitions.get(next.checked_sub(1)?)?;
        let end = self.definitions.get(next).copied().unwrap_or(self.text.len());
        let text = self.text.get(begin..end)?.trim_end();
        let part = part(self.text.get(at.clone())?, line, place.part);
        let mark = at.start - begin + part.start..at.start - begin + part.end;
        Some(Definition { text, begin, mark })
    }

    /// The lines above that say where a line belongs.
    fn context(&self, line: Line) -> Vec<Range<usize>> {
        let header = |id: NodeId| self.lines.get(&Line::Type(id)).cloned();
        let above = match line {
            Line::Type(_) => [None, None],
            Line::Variant(id, _) | Line::Field(id, None, _) => [header(id), None],
            Line::Field(id, Some(variant), _) => [header(id), self.lines.get(&Line::Variant(id, variant)).cloned()],
        };
        above.into_iter().flatten().collect()
    }
}

/// Where the lines of a text begin and end.
fn lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut begin = 0;
    text.split('\n').map(move |line| {
        let range = begin..begin + line.len();
        begin = range.end + 1;
        range
    })
}

/// The position of the name or the type in a line.
fn part(line: &str, kind: Line, part: Part) -> Range<usize> {
    let indent = line.len() - line.trim_start().len();
    let words = &line[indent..];
    let name = match kind {
        // `struct Name v1`, `0 Name`: behind the first word.
        Line::Type(_) | Line::Variant(..) => words.find(' ').map_or(0, |at| at + 1),
        Line::Field(..) => 0,
    };
    let length = name_length(&words[name..]);
    match (kind, part) {
        (Line::Field(..), Part::Type) => (indent + length + 1).min(line.len())..line.len(),
        _ => indent + name..indent + name + length,
    }
}

/// How long the name at the beginning is, quotes included.
fn name_length(text: &str) -> usize {
    if !text.starts_with('"') {
        return text.find(' ').unwrap_or(text.len());
    }
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}
