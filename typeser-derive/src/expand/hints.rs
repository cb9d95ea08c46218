//! Warnings where `#[serde(...)]` and `#[state(...)]` disagree on the same field, variant or type.
//!
//! On stable Rust a macro can only warn by naming something deprecated. So the lint is `deprecated`, and
//! `#[allow(deprecated)]` on the type says that the two differ on purpose.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::{Attribute, Type};

use crate::ast::{Field, Input, Shape};
use crate::attr::{Attributes, Removed};
use crate::leaf::Leaf;
use crate::serde_words::{SerdeWord, serde_words};

/// A warning for each disagreement.
pub(super) fn expand(input: &Input<'_>) -> TokenStream {
    let is_whole = input.attributes.leaf.is_some() || input.attributes.transparent.is_some();
    if is_whole || is_allowed(&input.original.attrs) {
        return TokenStream::new();
    }
    let own = &input.attributes;
    let mut hints = names(own, &input.original.attrs, &[]);
    match &input.shape {
        Shape::Struct(fields) => hints.extend(fields.iter().flat_map(|field| of_field(field, &own.removed))),
        Shape::Enum(variants) => {
            for variant in variants {
                hints.extend(names(&variant.attributes, &variant.original.attrs, &own.removed));
                let removed = &variant.attributes.removed;
                hints.extend(variant.fields.iter().flat_map(|field| of_field(field, removed)));
            }
        }
    }
    hints.into_iter().collect()
}

fn of_field(field: &Field<'_>, removed: &[Removed]) -> Vec<TokenStream> {
    let attributes = &field.attributes;
    if !field.is_stored() || matches!(attributes.leaf, Some(Leaf::Serde(_))) {
        return Vec::new();
    }
    let words = serde_words(&field.original.attrs);
    let mut hints = names(attributes, &field.original.attrs, removed);
    let has = |name: &str| words.iter().find(|word| word.word == name);
    let skip = has("skip").or_else(|| has("skip_serializing").filter(|_| has("skip_deserializing").is_some()));
    if let Some(skip) = skip {
        hints.push(warning(skip, "serde skips this field, and typeser stores it: write `#[state(skip)]` as well"));
    } else if let Some(default) = has("default")
        && attributes.default.is_none()
        && !is_option(field.ty)
    {
        let usage = default.value.as_ref().map_or_else(|| "default".to_owned(), |path| format!("default = {path}()"));
        hints.push(warning(
            default,
            &format!("serde has a default for this field, and typeser refuses stored data without it: write `#[state({usage})]` as well"),
        ));
    }
    hints
}

/// The names that only serde knows.
fn names(attributes: &Attributes, original: &[Attribute], removed: &[Removed]) -> Vec<TokenStream> {
    let name = attributes.name.as_ref().map(syn::LitStr::value);
    let is_known = |other: &String| {
        let removed = removed.iter().flat_map(|removed| &removed.names);
        name.as_ref() == Some(other) || attributes.aliases.iter().chain(removed).any(|known| known.value() == *other)
    };
    let mut hints = Vec::new();
    for word in serde_words(original) {
        let Some(value) = &word.value else { continue };
        match (word.word.as_str(), &name) {
            ("alias", _) if !is_known(value) => hints.push(warning(
                &word,
                &format!("serde reads the name `{value}` as well, and typeser does not: write `#[state(alias = \"{value}\")]` as well"),
            )),
            ("rename", Some(name)) if name != value => hints.push(warning(
                &word,
                &format!("serde calls this `{value}`, and typeser `{name}`: write the same name twice"),
            )),
            _ => {}
        }
    }
    hints
}

fn warning(at: &SerdeWord, message: &str) -> TokenStream {
    let note = format!("{message}, or `#[allow(deprecated)]` on the type if the two differ on purpose");
    quote_spanned! {at.span=>
        const _: () = {
            #[deprecated(note = #note)]
            #[allow(non_upper_case_globals)]
            const differs_from_serde: () = ();
            differs_from_serde
        };
    }
}

/// Whether the type has `#[allow(deprecated)]`.
fn is_allowed(attributes: &[Attribute]) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("allow")).any(|attribute| {
        let mut found = false;
        _ = attribute.parse_nested_meta(|meta| {
            found |= meta.path.is_ident("deprecated");
            Ok(())
        });
        found
    })
}

fn is_option(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Option"))
}
