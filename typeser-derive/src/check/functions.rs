//! Checks of what migrates data where no rule can: conversions, migrations, the value for `None`, the fallback variant.

use std::collections::{BTreeMap, HashMap, HashSet};

use syn::Type;
use syn::ext::IdentExt;

use crate::ast::{Field, Input, Shape};
use crate::ctxt::Ctxt;
use crate::tokens::as_rust;

pub(super) fn check(cx: &Ctxt, input: &Input<'_>) {
    check_transparent(cx, input);
    for field in input.fields() {
        if field.is_stored() {
            check_conversions(cx, field);
            check_none(cx, field);
        } else {
            check_skipped(cx, field);
        }
    }
    check_other(cx, input);
    check_migrations(cx, input);
    check_was(cx, input);
}

/// A transparent struct is not part of the layout, so neither it nor its field can be found in stored data.
fn check_transparent(cx: &Ctxt, input: &Input<'_>) {
    if input.attributes.transparent.is_none() {
        return;
    }
    let own = "a transparent struct is stored as its field, without a version: write `convert(..)` on the fields that hold it, or leave out `transparent`";
    for migration in &input.attributes.migrations {
        cx.error(&migration.from.original, own);
    }
    for was in &input.attributes.was {
        let message = "a transparent struct is stored as its field, so its stored type is that of the field: leave this out, or leave out `transparent`";
        cx.error(&was.word, message);
    }
    for field in input.stored() {
        let not_in_layout = "the field of a transparent struct is not in the layout: write this on the fields that hold the struct, or leave out `transparent`";
        for conversion in &field.attributes.conversions {
            cx.error(&conversion.word, not_in_layout);
        }
        if let Some(none) = &field.attributes.none {
            cx.error(&none.word, not_in_layout);
        }
    }
}

/// Two functions for one layout, or one for the current layout, would be ambiguous.
fn check_conversions(cx: &Ctxt, field: &Field<'_>) {
    let now = as_rust(field.ty);
    let mut sources = HashMap::new();
    for conversion in &field.attributes.conversions {
        let (source, path) = (as_rust(&conversion.source), conversion.function.as_rust());
        if source == now && field.attributes.leaf.is_none() {
            let message = format!(
                "the field is a `{now}` now, so a stored value that has to be converted cannot be recognised: increment the version of the type and write `migrate(1 => path)` on it"
            );
            cx.error(&conversion.source, message);
        } else if let Some(first) = sources.insert(source.clone(), path) {
            cx.error(
                &conversion.source,
                format!("`{first}` already converts a stored `{source}`: leave out one of the two"),
            );
        }
    }
}

/// `none` would have no effect on an option.
fn check_none(cx: &Ctxt, field: &Field<'_>) {
    let Some(none) = &field.attributes.none else { return };
    if is_option(field.ty) {
        cx.error(
            &none.word,
            "this field is an `Option`, so a stored `None` stays `None`: leave this out; `none` is for a field that is no longer an `Option`",
        );
    }
}

/// A skipped field is not filled from stored data.
fn check_skipped(cx: &Ctxt, field: &Field<'_>) {
    for conversion in &field.attributes.conversions {
        cx.error(
            &conversion.word,
            "a skipped field is not stored, so nothing is converted into it: leave out one of the two",
        );
    }
    if let Some(none) = &field.attributes.none {
        cx.error(
            &none.word,
            "a skipped field is not stored, so no `None` is read into it: leave this out, or leave out `skip`",
        );
    }
}

/// A removed variant becomes one value of one variant.
fn check_other(cx: &Ctxt, input: &Input<'_>) {
    let Shape::Enum(variants) = &input.shape else { return };
    let mut first = None;
    for variant in variants {
        let Some(word) = &variant.attributes.other else { continue };
        let name = variant.original.ident.unraw();
        if let Some(first) = &first {
            cx.error(
                word,
                format!(
                    "`{first}` is already `other`, and removed variants become one variant: leave out one of the two"
                ),
            );
            continue;
        }
        let is_open =
            |field: &&Field<'_>| field.is_stored() && field.attributes.default.is_none() && !is_option(field.ty);
        for field in variant.fields.iter().filter(is_open) {
            cx.error(
                field.words(),
                format!(
                    "removed variants become `{name}`, in which this field has no value: write `#[state(default)]` above it, or leave out `other`"
                ),
            );
        }
        first = Some(name);
    }
}

/// Each function reads one earlier version.
fn check_migrations(cx: &Ctxt, input: &Input<'_>) {
    let attributes = &input.attributes;
    let Some(first) = attributes.migrations.first() else { return };
    // For a transparent struct, all of this is already reported.
    if attributes.transparent.is_some() {
        return;
    }
    let latest = attributes.migrations.iter().map(|migration| migration.from.value).max().unwrap_or_default();
    let next = latest.saturating_add(1);
    let Some(version) = &attributes.version else {
        let message = format!(
            "a type without `version` has version 1, and there is no earlier version to migrate from: write `version = {next}` as well"
        );
        cx.error(&first.word, message);
        return;
    };
    let mut seen = BTreeMap::new();
    for migration in &attributes.migrations {
        let from = migration.from.value;
        if from >= version.value {
            let message = format!(
                "the type has version {} now, and only values of earlier versions are migrated: increment it (`version = {next}`), or write a lower number here",
                version.value
            );
            cx.error(&migration.from.original, message);
        } else if let Some(first) = seen.insert(from, &migration.function) {
            let message = format!("`{}` already migrates version {from}: leave out one of the two", first.as_rust());
            cx.error(&migration.from.original, message);
        }
    }
}

/// Each stored layout is named once, and is another one than the type's own.
fn check_was(cx: &Ctxt, input: &Input<'_>) {
    let mut seen = HashSet::new();
    for was in &input.attributes.was {
        let name = as_rust(&was.ty);
        if name == "Self" || *input.ident == name {
            let message =
                "this is the type itself, which is always read: leave it out, or write the type that was stored before";
            cx.error(&was.ty, message);
        } else if !seen.insert(name) {
            cx.error(&was.ty, "this type is named twice: leave out one of the two");
        }
    }
}

fn is_option(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Option"))
}
