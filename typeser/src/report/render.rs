//! The forms of a report: whole text, short text, JSON.

use std::fmt;

use super::messages::{Message, messages};
#[cfg(not(feature = "rich"))]
use super::plain;
#[cfg(feature = "rich")]
use super::rich;
use super::single::Report;
use super::text::WIDTH;
use super::{json, short};

impl Report {
    /// The short form, one line a finding: `path:line:col: level[rule] state / path: message`.
    #[must_use]
    pub fn short(&self) -> String {
        format!("{self:#}")
    }

    /// The whole report with colours, as escape sequences of terminals.
    #[cfg(feature = "rich")]
    #[must_use]
    pub fn styled(&self) -> String {
        rich::draw(&messages(&[self]), WIDTH, true)
    }

    /// The report as JSON, a document of [`JSON_VERSION`](crate::report::JSON_VERSION), with a line break at the end.
    ///
    /// `docs/report.schema.json` in the repository is its schema.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::write(&[self])
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() { short::write(f, &[self]) } else { f.write_str(&render(&messages(&[self]), WIDTH)) }
    }
}

/// The full text of messages, `width` columns wide, without colours.
pub(super) fn render(messages: &[Message], width: usize) -> String {
    #[cfg(feature = "rich")]
    return rich::draw(messages, width, false);
    #[cfg(not(feature = "rich"))]
    plain::draw(messages, width)
}
