//! The short form: one line per finding.

use std::fmt;

use super::level::Level;
use super::single::Report;
use crate::text::clean;

/// Writes `path:line:col: level[rule] state / path: message`, one line a finding; of a report without any, its verdict.
pub(super) fn write(f: &mut fmt::Formatter<'_>, reports: &[&Report]) -> fmt::Result {
    for report in reports {
        if report.findings.is_empty() {
            writeln!(f, "{}: {}", clean(&report.subject), report.compatibility)?;
        }
        for finding in &report.findings {
            if let Some(at) = report.location(finding) {
                write!(f, "{}:{}:{}: ", at.file, at.line, at.column)?;
            }
            let (level, path) = (Level::of(finding), clean(&report.path(finding)));
            writeln!(f, "{level}[{}] {path}: {}", finding.rule.id, clean(&finding.detail))?;
        }
    }
    Ok(())
}
