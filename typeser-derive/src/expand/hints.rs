//! Warnings where `#[serde(...)]` and `#[state(...)]` disagree on the same field, variant or type.
//!
//! On stable Rust a macro can only warn by naming something deprecated. So the lint is `deprecated`, and
//! `#[allow(deprecated)]` on the type says that the two differ on purpose.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::ext::IdentExt;
use syn::{Attribute, Type};

use crate::ast::{Field, Input, Shape};
use crate::attr::{Attributes, Removed};
use crate::leaf::Leaf;
use crate::serde_words::{Renamed, SerdeWord, by_rule, find, serde_words};

/// A warning for each disagreement.
pub(super) fn expand(input: &Input<'_>) -> TokenStream {
    let is_whole = input.attributes.leaf.is_some() || input.attributes.transparent.is_some();
    if is_whole || is_allowed(&input.original.attrs) {
        return TokenStream::new();
    }
    let own = &input.attributes;
    let words = serde_words(&input.original.attrs);
    let mut hints = names(own, &input.original.attrs, &[], None);
    match &input.shape {
        Shape::Struct(fields) => {
            hints.extend(default_of_all(&words, fields));
            let rule = find(&words, "rename_all");
            hints.extend(fields.iter().flat_map(|field| of_field(field, &own.removed, rule)));
        }
        Shape::Enum(variants) => {
            let (rule, rule_of_fields) = (find(&words, "rename_all"), find(&words, "rename_all_fields"));
            for variant in variants {
                let name = variant.original.ident.unraw().to_string();
                let renamed = renamed(rule, Renamed::Variants, &name);
                hints.extend(names(&variant.attributes, &variant.original.attrs, &own.removed, renamed));
                let (removed, words) = (&variant.attributes.removed, serde_words(&variant.original.attrs));
                let rule = find(&words, "rename_all").or(rule_of_fields);
                hints.extend(variant.fields.iter().flat_map(|field| of_field(field, removed, rule)));
            }
        }
    }
    hints.into_iter().collect()
}

/// `#[serde(default)]` above a struct: serde fills every field that is missing.
fn default_of_all(words: &[SerdeWord], fields: &[Field<'_>]) -> Option<TokenStream> {
    let default = find(words, "default")?;
    let without = fields.iter().filter(|field| {
        let attributes = &field.attributes;
        let has_word = find(&serde_words(&field.original.attrs), "default").is_some();
        let is_filled = attributes.default.is_some() || has_word || is_option(field.ty);
        field.is_stored() && !is_filled && !matches!(attributes.leaf, Some(Leaf::Serde(_)))
    });
    let names: Vec<String> = without.map(|field| format!("`{}`", field.name.value)).collect();
    (!names.is_empty()).then(|| {
        warning(
            default,
            &format!("serde has a default for each field, and typeser refuses stored data without {}: write `#[state(default)]` above each field that some stored data may lack", names.join(", ")),
        )
    })
}

/// The word `rename_all` and the name that it gives.
fn renamed<'a>(rule: Option<&'a SerdeWord>, renamed: Renamed, name: &str) -> Option<(&'a SerdeWord, String)> {
    let rule = rule?;
    Some((rule, by_rule(rule.value.as_ref()?, renamed, name)?))
}

fn of_field(field: &Field<'_>, removed: &[Removed], rule: Option<&SerdeWord>) -> Vec<TokenStream> {
    let attributes = &field.attributes;
    if !field.is_stored() || matches!(attributes.leaf, Some(Leaf::Serde(_))) {
        return Vec::new();
    }
    let words = serde_words(&field.original.attrs);
    let ident = field.original.ident.as_ref().map(|ident| ident.unraw().to_string());
    let renamed = ident.and_then(|ident| renamed(rule, Renamed::Fields, &ident));
    let mut hints = names(attributes, &field.original.attrs, removed, renamed);
    let has = |name: &str| find(&words, name);
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

/// The names that only serde knows. The last argument is the name by `rename_all`.
fn names(
    attributes: &Attributes,
    original: &[Attribute],
    removed: &[Removed],
    renamed: Option<(&SerdeWord, String)>,
) -> Vec<TokenStream> {
    let name = attributes.name.as_ref().map(syn::LitStr::value);
    let is_known = |other: &String| {
        let removed = removed.iter().flat_map(|removed| &removed.names);
        name.as_ref() == Some(other) || attributes.aliases.iter().chain(removed).any(|known| known.value() == *other)
    };
    let mut hints = Vec::new();
    let words = serde_words(original);
    if let (Some(name), Some((rule, value))) = (&name, renamed)
        && find(&words, "rename").is_none()
        && *name != value
    {
        hints.push(differs(rule, name, &value));
    }
    for word in words {
        let Some(value) = &word.value else { continue };
        match (word.word.as_str(), &name) {
            ("alias", _) if !is_known(value) => hints.push(warning(
                &word,
                &format!("serde reads the name `{value}` as well, and typeser does not: write `#[state(alias = \"{value}\")]` as well"),
            )),
            ("rename", Some(name)) if name != value => hints.push(differs(&word, name, value)),
            _ => {}
        }
    }
    hints
}

fn differs(at: &SerdeWord, name: &str, of_serde: &str) -> TokenStream {
    warning(at, &format!("serde calls this `{of_serde}`, and typeser `{name}`: write the same name twice"))
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
