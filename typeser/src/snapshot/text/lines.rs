//! The lines of a text, their indentation and contents.

use crate::snapshot::ParseSnapshotError;
use crate::snapshot::scan::{Position, Scanner};

/// The lines of a text that are not blank.
pub(super) struct Lines<'a> {
    pub(super) lines: Vec<Line<'a>>,
    pub(super) next: usize,
    pub(super) end: Position,
    /// Whether the lines are those of the layout that a function reads.
    pub(super) within_source: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Line<'a> {
    pub(super) indent: usize,
    pub(super) scanner: Scanner<'a>,
}

impl Line<'_> {
    pub(super) fn starts(&self, word: &str) -> bool {
        self.scanner.clone().word() == word
    }

    pub(super) fn is_hint(&self) -> bool {
        self.scanner.peek() == Some('@')
    }
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let mut lines = Vec::new();
        let mut count = 0;
        for (line, content) in (1..).zip(text.split('\n')) {
            count = line;
            let words = content.strip_suffix('\r').unwrap_or(content);
            let trimmed = words.trim_start_matches(' ');
            if trimmed.is_empty() {
                continue;
            }
            let indent = words.len() - trimmed.len();
            let begin = Position { line, column: indent + 1 };
            lines.push(Line { indent, scanner: Scanner::new(trimmed, begin) });
        }
        Self { lines, next: 0, end: Position { line: count, column: 1 }, within_source: false }
    }

    pub(super) fn peek(&self) -> Option<Line<'a>> {
        self.lines.get(self.next).cloned()
    }

    /// The next line, if it has this indentation and is a hint or not.
    pub(super) fn take(&mut self, indent: usize, hint: bool) -> Option<Scanner<'a>> {
        let line = self.peek().filter(|line| line.indent == indent && line.is_hint() == hint)?;
        self.next += 1;
        Some(line.scanner)
    }

    pub(super) fn expect(&mut self, indent: usize, what: &str) -> Result<Scanner<'a>, ParseSnapshotError> {
        match self.peek() {
            Some(line) if line.indent == indent => {
                self.next += 1;
                Ok(line.scanner)
            }
            Some(line) => Err(line.scanner.position().error(format!("expected {what}, indented by {indent} spaces"))),
            None => Err(self.end.error(format!("expected {what}, found the end"))),
        }
    }
}
