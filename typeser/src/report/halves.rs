//! One change that shows in several findings: a rename, or data that moved to other fields.

use crate::resolve::rules::ids;
use crate::resolve::{Finding, Fix, MigrateBecause};
use crate::schema::PathSegment;

/// The edit that repairs all halves of one change, if the finding is one: the alias of a field that was probably renamed,
/// or the function for fields whose data probably moved.
pub(super) fn shared_in(finding: &Finding) -> Option<&Fix> {
    finding.fixes.iter().find(|fix| match fix {
        Fix::Alias { site, .. } => site.field.is_some(),
        Fix::Migrate(migrate) => migrate.because == MigrateBecause::Fields,
        _ => false,
    })
}

/// Which fields are gone and which are new, where data probably moved from the ones to the others.
pub(super) fn moved<'a>(findings: impl Iterator<Item = &'a Finding>) -> String {
    let (mut gone, mut new) = (Vec::new(), Vec::new());
    for finding in findings {
        let Some(PathSegment::Field(name)) = finding.path.segments().last() else { continue };
        if finding.rule.id == ids::FIELD_REMOVED_UNDECLARED { &mut gone } else { &mut new }.push(format!("`{name}`"));
    }
    let are = |names: &[String]| {
        let (last, before) = names.split_last()?;
        Some(match before {
            [] => format!("{last} is"),
            before => format!("{} and {last} are", before.join(", ")),
        })
    };
    let gone = are(&gone).map(|gone| format!("{gone} gone"));
    match (gone, are(&new).map(|new| format!("{new} new"))) {
        (Some(gone), Some(new)) => format!("{gone}, {new}: the data probably moved"),
        (gone, new) => gone.or(new).unwrap_or_default(),
    }
}
