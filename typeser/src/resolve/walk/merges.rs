//! Two stored fields that one new field names: the finding names both, and guesses nothing.

use super::as_rust::{declares, quoted, written};
use super::kinds::declared_name;
use super::walker::Walker;
use crate::resolve::finding::Fix;
use crate::resolve::plan::StepId;
use crate::resolve::rules;
use crate::schema::{Field, PathSegment};

impl Walker<'_> {
    /// Reports a stored field whose name is an alias of the new field that another stored one becomes.
    ///
    /// A function of the whole type keeps the data of both, so it comes first.
    pub(super) fn merged_field(&mut self, id: StepId, [field, other, now]: [&Field; 3], path: &[PathSegment]) {
        let (stored, new) = self.nodes(id);
        let mut fixes = Vec::new();
        if let (Some((_, from)), Some((name, version))) = (declared_name(stored), declared_name(new))
            && let Some(next) = from.checked_add(1)
        {
            let (word, name) = (declares(new), written(name));
            fixes.push(Fix::code(
                "declare a function that makes the new value of the whole stored one",
                format!(
                    "#[state(version = {}, migrate({from} => merged))]\n{word} {name} {{ .. }}\n\n\
                     fn merged(old: typeser::value::Value) -> {name} {{ .. }}",
                    version.max(next),
                ),
            ));
        }
        fixes.push(Fix::code(
            format!("take `{0}` out of the alias and declare that its stored values are dropped", field.name),
            format!("#[state(removed({}))]", quoted(&field.name)),
        ));
        fixes.push(Fix::new(format!("keep the field `{}`", field.name)));
        let detail = format!(
            "`{}` has the alias `{}`, but stored values of `{}` already become `{0}`",
            now.name, field.name, other.name,
        );
        self.find(&rules::FIELD_REMOVED_UNDECLARED, id, path, detail, fixes);
    }
}
