//! The version number that a change needs.

use typeser::resolve::Compatibility;

use crate::output::Comparison;

/// Which part of the version number has to grow from the last release to the types that read, and why.
pub(super) fn remark(comparison: &Comparison) -> String {
    let [.., last, reader] = comparison.releases.as_slice() else {
        return String::from("there is no release before, so any version number will do");
    };
    let pairs = comparison.pairs.iter().filter(|pair| pair.writer.release == *last && pair.reader.release == *reader);
    let verdict = pairs.map(|pair| pair.report.compatibility()).max();
    let is_removed = comparison.problems.iter().any(|problem| problem.kind == "state-removed");
    let (part, why) = match verdict {
        Some(Compatibility::Incompatible) => ("major", "it cannot read all stored data"),
        _ if is_removed => ("major", "a state was removed"),
        Some(Compatibility::RequiresMigration) => {
            ("minor", "it migrates stored data, which older releases do not read")
        }
        Some(Compatibility::AfterReconfigure) => ("minor", "its types changed, and stored data is read as it is"),
        Some(Compatibility::Compatible) => ("patch", "stored data is unchanged"),
        None => ("minor", "no state was recorded before"),
    };
    format!("the change from {last} to {reader} needs a new {part} version: {why}")
}
