//! Two stored fields that one new field names: the finding names both, and guesses nothing.

use super::record_pair::Records;
use super::walker::Walker;
use crate::resolve::as_rust::rust_type;
use crate::resolve::fix::{Fix, Kept, MigrateBecause};
use crate::resolve::plan::StepId;
use crate::resolve::rules;
use crate::schema::{Field, PathSegment};

impl Walker<'_> {
    /// Reports a stored field whose name is an alias of the new field that another stored one becomes.
    ///
    /// A function of the whole type keeps the data of both, so it comes first.
    pub(super) fn merged_field(
        &mut self,
        id: StepId,
        source: usize,
        records: &Records<'_, '_>,
        [other, now]: [&Field; 2],
        path: &[PathSegment],
    ) {
        let mut fixes: Vec<Fix> = self.migrate_whole(id, MigrateBecause::Merge).into_iter().collect();
        let name = &records.stored[source].name;
        // Another stored variant that becomes the same one may need the alias.
        match records.beside.is_some_and(|payloads| payloads.having(name) > 1) {
            true => fixes.push(self.keep(id, Kept::Type(rust_type(&self.names(id).0)))),
            false => fixes.extend(self.removed_field_fixes(source, records, true)),
        }
        let detail = format!(
            "`{}` has the alias `{}`, but stored values of `{}` already become `{0}`",
            now.name, name, other.name,
        );
        self.find(&rules::FIELD_REMOVED_UNDECLARED, id, path, detail, fixes);
    }
}
