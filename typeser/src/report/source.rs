//! Source texts of the program, provided by the caller.

use std::ops::Range;

use super::declaration::{Member, find};
use super::place::Part;
use crate::snapshot::Location;

/// Gives the text of a source file by the name that the compiler knows it by, if it can be had.
///
/// Closures are sources. The library itself reads no file.
pub trait Sources {
    /// The text of a file.
    fn source(&self, file: &str) -> Option<String>;
}

impl<F: Fn(&str) -> Option<String>> Sources for F {
    fn source(&self, file: &str) -> Option<String> {
        self(file)
    }
}

/// A marked word in a source text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot<'a> {
    /// The line, without its end.
    pub(super) text: &'a str,
    /// Its number, from 1.
    pub(super) line: usize,
    /// What of it is meant.
    pub(super) mark: Range<usize>,
    /// Where in the source that begins.
    at: usize,
}

/// The word at a location.
pub(super) fn word_at(source: &str, location: Location) -> Option<Spot<'_>> {
    let number = usize::try_from(location.line).ok()?.checked_sub(1)?;
    let line = source.split_inclusive('\n').nth(number)?;
    let column = usize::try_from(location.column).ok()?.checked_sub(1)?;
    let begin = line.char_indices().nth(column)?.0;
    let word = line[begin..].split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    // If there is no word, the file is not the one that was compiled.
    let mark = (!word.is_empty()).then(|| begin..begin + word.len())?;
    let before: usize = source.split_inclusive('\n').take(number).map(str::len).sum();
    Some(Spot { text: line.trim_end(), line: number + 1, mark, at: before + begin })
}

/// A field or variant of the type whose name is at a spot: its name or its type.
pub(super) fn member_of<'a>(source: &'a str, spot: &Spot<'a>, member: Member<'_>, part: Part) -> Option<Spot<'a>> {
    let found = find(source, spot.at, member)?;
    let range = match part {
        Part::Type => found.ty.unwrap_or(found.name),
        Part::Name => found.name,
    };
    let before = source.get(..range.start)?;
    let begin = before.rfind('\n').map_or(0, |at| at + 1);
    let text = source.get(begin..)?.lines().next()?;
    // Of a type on several lines, the first.
    let mark = range.start - begin..(range.end - begin).min(text.len());
    Some(Spot { text, line: before.matches('\n').count() + 1, mark, at: range.start })
}
