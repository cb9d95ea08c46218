//! Two stored variants or fields that one new one names: the finding names both, and guesses nothing.

use super::as_rust::{declares, quoted, written};
use super::kinds::declared_name;
use super::walker::Walker;
use crate::resolve::finding::Fix;
use crate::resolve::names::Named;
use crate::resolve::plan::StepId;
use crate::resolve::rules::{self, Rule};
use crate::schema::{EnumNode, Field, PathSegment, Variant};
use crate::snapshot::{EnumHints, RecordHints};

impl Walker<'_> {
    /// Reports a stored variant if the new variant with its name as an alias is what another stored one becomes.
    pub(super) fn merged_variant(
        &mut self,
        id: StepId,
        variant: &Variant,
        (stored, new): (&EnumNode, &EnumNode),
        hints: &EnumHints,
        path: &[PathSegment],
    ) -> bool {
        let aliases = hints.variants.iter().map(|hints| hints.aliases.as_slice());
        let Some((at, other)) = claimed(&variant.name, &stored.variants, &new.variants, aliases) else { return false };
        let now = &new.variants[at];
        let payload = match now.fields.first() {
            None => "",
            Some(field) if field.name.parse::<usize>().is_ok() => "(..)",
            Some(_) => " { .. }",
        };
        let drops = if variant.fields.is_empty() { "" } else { "; their payload is dropped" };
        let declare = Fix::code(
            format!("take `{}` out of the alias and declare what its stored values become{drops}", variant.name),
            format!(
                "#[state(removed({}, becomes = {}::{}{payload}))]\nenum {} {{ .. }}",
                quoted(&variant.name),
                written(&new.name),
                written(&now.name),
                written(&new.name),
            ),
        );
        let detail = format!(
            "`{}` has the alias `{}`, but stored values of `{}` already become `{0}`",
            now.name, variant.name, other.name,
        );
        let fixes = [declare, Fix::new(format!("keep the variant `{}`", variant.name))];
        self.merged(id, &rules::VARIANT_REMOVED_UNDECLARED, detail, fixes, path);
        true
    }

    /// Reports a stored field if the new field with its name as an alias is what another stored one becomes.
    pub(super) fn merged_field(
        &mut self,
        id: StepId,
        field: &Field,
        (stored, new): (&[Field], &[Field]),
        hints: &RecordHints,
        path: &[PathSegment],
    ) -> bool {
        let aliases = hints.fields.iter().map(|hints| hints.aliases.as_slice());
        let Some((at, other)) = claimed(&field.name, stored, new, aliases) else { return false };
        let detail = format!(
            "`{}` has the alias `{}`, but stored values of `{}` already become `{0}`",
            new[at].name, field.name, other.name,
        );
        let declare = Fix::code(
            format!("take `{0}` out of the alias and declare that its stored values are dropped", field.name),
            format!("#[state(removed({}))]", quoted(&field.name)),
        );
        let fixes = [declare, Fix::new(format!("keep the field `{}`", field.name))];
        self.merged(id, &rules::FIELD_REMOVED_UNDECLARED, detail, fixes, path);
        true
    }

    /// A function of the whole type keeps the data of both, so it comes first.
    fn merged(&mut self, id: StepId, rule: &'static Rule, detail: String, more: [Fix; 2], path: &[PathSegment]) {
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
        fixes.extend(more);
        self.find(rule, id, path, detail, fixes);
    }
}

/// The new item that has this name as an alias, and the other stored item that becomes it.
fn claimed<'s, 'a, T: Named>(
    name: &str,
    stored: &'s [T],
    new: &[T],
    aliases: impl Iterator<Item = &'a [String]>,
) -> Option<(usize, &'s T)> {
    let (at, aliases) = aliases.enumerate().find(|(_, aliases)| aliases.iter().any(|alias| alias == name))?;
    let is_other = |item: &&T| {
        item.name() != name && (item.name() == new[at].name() || aliases.iter().any(|alias| alias == item.name()))
    };
    Some((at, stored.iter().find(is_other)?))
}
