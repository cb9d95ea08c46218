//! The width of reports.

/// How wide a report is if nothing else is asked for, where names allow it.
pub(super) const WIDTH: usize = 100;
/// The least width: below it, most words would be alone on their lines.
pub(super) const NARROWEST: usize = 40;
