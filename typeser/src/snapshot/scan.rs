//! Reads words, names and numbers from a line of text, with positions.

use super::ParseSnapshotError;
use crate::schema::is_plain;
use crate::text::{clean, hex, is_unseen};

/// A place in a text, counted from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Position {
    /// An error at this place.
    pub(super) fn error(self, what: impl Into<String>) -> ParseSnapshotError {
        ParseSnapshotError::Syntax { line: self.line, column: self.column, what: what.into() }
    }
}

/// A value and its position.
#[derive(Debug, Clone)]
pub(crate) struct At<T> {
    pub(crate) at: Position,
    pub(crate) value: T,
}

/// What is left of a line.
#[derive(Debug, Clone)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    offset: usize,
    begin: Position,
}

impl<'a> Scanner<'a> {
    /// Scans a text that begins at this place and holds no line break.
    pub(super) fn new(text: &'a str, begin: Position) -> Self {
        Self { text, offset: 0, begin }
    }

    pub(super) fn position(&self) -> Position {
        let before = self.text[..self.offset].chars().count();
        Position { column: self.begin.column + before, ..self.begin }
    }

    /// Where the scanned text begins. Costs nothing, other than [`Scanner::position`].
    pub(super) fn begin(&self) -> Position {
        self.begin
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.offset..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest().is_empty()
    }

    pub(super) fn skip_spaces(&mut self) {
        self.offset += self.rest().len() - self.rest().trim_start_matches(' ').len();
    }

    /// Takes this text if it comes next.
    pub(super) fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.offset += token.len();
        }
        found
    }

    pub(super) fn expect(&mut self, token: &str) -> Result<(), ParseSnapshotError> {
        match token {
            token if self.take(token) => Ok(()),
            " " => Err(self.unexpected("a space")),
            token => Err(self.unexpected(&format!("`{token}`"))),
        }
    }

    /// Takes a word without quotes; empty if none comes next.
    pub(super) fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !is_plain(c)).unwrap_or(rest.len());
        self.offset += length;
        &rest[..length]
    }

    /// Takes a word as people write names: also with letters beyond ASCII, which typeser itself puts in quotes.
    pub(super) fn bare(&mut self) -> &'a str {
        let is_bare = |c: char| is_plain(c) || !(c.is_ascii() || c.is_whitespace() || is_unseen(c));
        let rest = self.rest();
        let length = rest.find(|c| !is_bare(c)).unwrap_or(rest.len());
        self.offset += length;
        &rest[..length]
    }

    /// Takes a name, plain or in quotes.
    pub(super) fn name(&mut self) -> Result<String, ParseSnapshotError> {
        if self.peek() == Some('"') {
            return self.quoted();
        }
        let begin = self.clone();
        match self.bare() {
            "" => Err(begin.unexpected("a name (in double quotes, unless it is made of letters, digits, `_`, `-`)")),
            word => Ok(word.to_owned()),
        }
    }

    /// Takes a text in double quotes.
    pub(super) fn quoted(&mut self) -> Result<String, ParseSnapshotError> {
        self.expect("\"")?;
        let mut text = String::new();
        loop {
            let begin = self.clone();
            match self.next() {
                Some('"') => return Ok(text),
                Some('\\') => match self.next() {
                    Some('"') => text.push('"'),
                    Some('\\') => text.push('\\'),
                    Some('n') => text.push('\n'),
                    Some('u') => text.push(self.code_point(&begin)?),
                    _ => return Err(begin.position().error("no such escape; there are \\\", \\\\, \\n and \\u{..}")),
                },
                Some(c) => text.push(c),
                None => return Err(begin.position().error("the closing `\"` is missing")),
            }
        }
    }

    /// Takes a number without sign, in its shortest form.
    pub(super) fn number<N: TryFrom<u64>>(&mut self, what: &str) -> Result<N, ParseSnapshotError> {
        let begin = self.clone();
        let word = self.word();
        let canonical = word == "0" || (!word.starts_with('0') && word.bytes().all(|byte| byte.is_ascii_digit()));
        let number = word.parse().ok().filter(|_| canonical).and_then(|number: u64| N::try_from(number).ok());
        number.ok_or_else(|| begin.unexpected(what))
    }

    /// Takes bytes in hexadecimal digits: `0x0a1b`.
    pub(super) fn bytes(&mut self) -> Result<Vec<u8>, ParseSnapshotError> {
        let begin = self.clone();
        self.word().strip_prefix("0x").and_then(hex::decode).ok_or_else(|| begin.unexpected("bytes such as `0x0a1b`"))
    }

    pub(super) fn expect_end(&self) -> Result<(), ParseSnapshotError> {
        if self.is_at_end() { Ok(()) } else { Err(self.unexpected("the end")) }
    }

    /// An error at this position with what was expected and what was found.
    pub(super) fn unexpected(&self, expected: &str) -> ParseSnapshotError {
        let found: String = self.rest().chars().take(16).collect();
        let found = if found.is_empty() { "the end".to_owned() } else { format!("`{}`", clean(&found)) };
        self.position().error(format!("expected {expected}, found {found}"))
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.offset += next.len_utf8();
        Some(next)
    }

    fn code_point(&mut self, begin: &Self) -> Result<char, ParseSnapshotError> {
        self.expect("{")?;
        let digits = self.word();
        let code = (digits.len() <= 6).then(|| u32::from_str_radix(digits, 16).ok()).flatten();
        self.expect("}")?;
        code.and_then(char::from_u32).ok_or_else(|| begin.position().error("no such character"))
    }
}
