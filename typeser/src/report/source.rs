//! Source texts of the program, from whoever has them.

use std::ops::Range;

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

/// The line at a location, and where in it the word begins and ends that stands there.
pub(super) fn line_at(source: &str, location: Location) -> Option<(&str, Range<usize>)> {
    let line = source.lines().nth(usize::try_from(location.line).ok()?.checked_sub(1)?)?;
    let column = usize::try_from(location.column).ok()?.checked_sub(1)?;
    let begin = line.char_indices().nth(column)?.0;
    let word = line[begin..].split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    // The file is not the one that was compiled if no word stands there.
    (!word.is_empty()).then(|| (line, begin..begin + word.len()))
}
