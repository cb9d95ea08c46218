//! The rules for combinations of attributes, one function each.

mod foreign;
mod functions;
mod leaves;
mod names;
mod ordered;
mod tags;
mod types;

use crate::ast::{Field, Input, Shape};
use crate::ctxt::Ctxt;

/// Checks a type against every rule.
pub(crate) fn check(cx: &Ctxt, input: &Input<'_>) {
    if let Some(leaf) = &input.attributes.leaf {
        types::check_lifetimes(cx, input);
        leaves::check_type(cx, input, leaf);
        foreign::check_type(cx, input, leaf);
        ordered::check_leaves(cx, input);
        return;
    }
    names::check_reserved(cx, input);
    names::check_type(cx, input);
    names::check_parts(cx, input);
    tags::check(cx, input);
    types::check_lifetimes(cx, input);
    types::check_fields(cx, input);
    types::check_packed(cx, input);
    check_empty_enum(cx, input);
    check_transparent(cx, input);
    check_skipped(cx, input);
    check_key(cx, input);
    leaves::check_fields(cx, input);
    foreign::check_fields(cx, input);
    ordered::check_leaves(cx, input);
    ordered::check_discriminants(cx, input);
    check_becomes(cx, input);
    functions::check(cx, input);
}

/// An enum without variants has no values: there is nothing to store, and no schema for it.
fn check_empty_enum(cx: &Ctxt, input: &Input<'_>) {
    if matches!(&input.shape, Shape::Enum(variants) if variants.is_empty()) {
        cx.error(input.ident, "an enum without variants has no value to store: add a variant, or leave out the derive");
    }
}

/// A transparent struct has no layout, so no attribute can describe one.
fn check_transparent(cx: &Ctxt, input: &Input<'_>) {
    let (Some(word), Shape::Struct(fields)) = (&input.attributes.transparent, &input.shape) else { return };
    let stored: Vec<&Field<'_>> = fields.iter().filter(|field| field.is_stored()).collect();
    match &stored[..] {
        [] => cx.error(word, "`transparent` needs one stored field, whose layout becomes that of the struct: add it"),
        [field] => {
            let attributes = &field.attributes;
            let reason =
                "has the layout of its field, whose name is not stored: leave this out, or leave out `transparent`";
            for name in attributes.name.iter().chain(&attributes.aliases) {
                cx.error(name, format!("a transparent struct {reason}"));
            }
            if let Some(default) = &attributes.default {
                cx.error(&default.word, format!("a transparent struct {reason}"));
            }
        }
        [_, second, ..] => cx.error(
            second.words(),
            format!(
                "a transparent struct stores one field, and this is the second of {}: write `#[state(skip)]` above it, or leave out `transparent`",
                stored.len()
            ),
        ),
    }
    let attributes = &input.attributes;
    let own = "a transparent struct has no stored name or version: remove this, or remove `transparent`";
    for name in attributes.name.iter().chain(&attributes.aliases) {
        cx.error(name, own);
    }
    if let Some(version) = &attributes.version {
        cx.error(&version.original, own);
    }
    for name in attributes.removed.iter().flat_map(|removed| &removed.names) {
        cx.error(name, "a transparent struct never stored a second field: leave this out, or leave out `transparent`");
    }
}

/// A field that is not stored has no stored name.
fn check_skipped(cx: &Ctxt, input: &Input<'_>) {
    for field in input.fields().filter(|field| !field.is_stored()) {
        if let Some(name) = &field.attributes.name {
            cx.error(name, "a skipped field has no stored name: leave this out, or leave out `skip`");
        }
        for alias in &field.attributes.aliases {
            let name = alias.value();
            let message = format!(
                "a skipped field has no stored name: write `removed(\"{name}\")` on the struct or variant instead, or leave out `skip`"
            );
            cx.error(alias, message);
        }
    }
}

/// Two keys that differ only in a field that is not stored would have the same bytes, and share one entry.
fn check_key(cx: &Ctxt, input: &Input<'_>) {
    if input.attributes.key.is_none() {
        return;
    }
    for skip in input.fields().filter_map(|field| field.attributes.skip.as_ref()) {
        cx.error(
            skip,
            "two keys that differ only in a skipped field would have the same bytes: store the field, or remove it from the key",
        );
    }
}

/// Only removed variants become another value. Removed fields are dropped.
fn check_becomes(cx: &Ctxt, input: &Input<'_>) {
    let own = match &input.shape {
        Shape::Struct(_) => &input.attributes.removed[..],
        Shape::Enum(_) => &[],
    };
    let variants = match &input.shape {
        Shape::Struct(_) => &[],
        Shape::Enum(variants) => &variants[..],
    };
    for removed in own.iter().chain(variants.iter().flat_map(|variant| &variant.attributes.removed)) {
        if let Some(becomes) = &removed.becomes {
            let name = removed.names.first().map(syn::LitStr::value).unwrap_or_default();
            cx.error(
                &becomes.word,
                format!("`becomes` is for removed variants, and this names a field: write `removed(\"{name}\")`"),
            );
        }
    }
}
