//! Several reports as one: each common cause is reported once.

use std::fmt;

use super::messages::{Message, messages};
use super::render::render;
#[cfg(feature = "rich")]
use super::rich;
use super::single::Report;
use super::text::{NARROWEST, WIDTH};
use super::{json, short};
use crate::resolve::Compatibility;

/// The reports on several serializers: all states of a program, say.
///
/// It displays itself as a [`Report`] does. A cause with several places is reported once, and the others are
/// listed under it.
///
/// ```
/// use typeser::report::{Report, Reports};
/// use typeser::resolve::{Compatibility, Policy, Role};
/// use typeser::{Serializer, TypeSerializer, resolve};
///
/// let (stored, new) = (Serializer::<u32>::new()?, Serializer::<i32>::new()?);
/// let resolution = resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default());
/// let report = |state: &str| Report::new(format!("value of state `{state}`"), &resolution).with_state(state);
///
/// let reports: Reports = ["orders", "returns"].into_iter().map(report).collect();
/// assert_eq!(reports.compatibility(), Compatibility::Incompatible);
/// assert_eq!(reports.reports().len(), 2);
/// assert!(reports.to_string().starts_with("error[primitive-changed]"));
/// # Ok::<(), typeser::serializer::DescribeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reports {
    reports: Vec<Report>,
    uncounted: bool,
    /// How many columns the whole text has, if not as many as usual.
    width: Option<usize>,
}

impl Reports {
    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { reports: Vec::new(), uncounted: false, width: None }
    }

    /// The same, without the closing summary of how many were compared, for callers that write their own.
    #[doc(hidden)]
    #[must_use]
    pub fn uncounted(self) -> Self {
        Self { uncounted: true, ..self }
    }

    /// The same, for a terminal of this many columns, at least 40; the default is 100. Names and code
    /// are never broken, so a line may be longer than that.
    #[must_use]
    pub fn with_width(self, columns: usize) -> Self {
        Self { width: Some(columns.max(NARROWEST)), ..self }
    }

    /// Adds a report.
    pub fn push(&mut self, report: Report) {
        self.reports.push(report);
    }

    /// All of them, in the order in which they were added.
    #[must_use]
    pub fn reports(&self) -> &[Report] {
        &self.reports
    }

    /// The worst verdict; compatible if there is none.
    #[must_use]
    pub fn compatibility(&self) -> Compatibility {
        self.reports.iter().map(Report::compatibility).fold(Compatibility::Compatible, Compatibility::join)
    }

    /// The short form, one line a finding: `path:line:col: level[rule] state / path: message`.
    #[must_use]
    pub fn short(&self) -> String {
        format!("{self:#}")
    }

    /// The whole text with colours, as escape sequences of terminals.
    #[cfg(feature = "rich")]
    #[must_use]
    pub fn styled(&self) -> String {
        rich::draw(&self.messages(), self.columns(), true)
    }

    /// All reports as one JSON document; see [`Report::to_json`].
    #[must_use]
    pub fn to_json(&self) -> String {
        json::write(&self.all())
    }

    fn messages(&self) -> Vec<Message> {
        let mut messages = messages(&self.all());
        // A single report is not counted anyway.
        if self.uncounted && self.reports.len() != 1 {
            messages.pop();
        }
        messages
    }

    fn columns(&self) -> usize {
        self.width.unwrap_or(WIDTH)
    }

    fn all(&self) -> Vec<&Report> {
        self.reports.iter().collect()
    }
}

impl FromIterator<Report> for Reports {
    fn from_iter<I: IntoIterator<Item = Report>>(reports: I) -> Self {
        Self { reports: reports.into_iter().collect(), uncounted: false, width: None }
    }
}

impl Extend<Report> for Reports {
    fn extend<I: IntoIterator<Item = Report>>(&mut self, reports: I) {
        self.reports.extend(reports);
    }
}

impl fmt::Display for Reports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            short::write(f, &self.all())
        } else {
            f.write_str(&render(&self.messages(), self.columns()))
        }
    }
}
