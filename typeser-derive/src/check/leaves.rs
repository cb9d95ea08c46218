//! Which attributes can be combined with `with`, `serde(..)`, `text` and `as`.

use std::collections::BTreeSet;

use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::Ident;

use crate::ast::Input;
use crate::attr::Attributes;
use crate::ctxt::Ctxt;
use crate::leaf::Leaf;
use crate::reserved;
use crate::symbol::STATE;

/// A type with a custom serializer has no layout, whatever its fields are.
pub(super) fn check_type(cx: &Ctxt, input: &Input<'_>, leaf: &Leaf) {
    check_name(cx, leaf);
    check_migrations(cx, input, leaf);
    check_generic_key(cx, input, leaf, input.ident);
    let word = leaf.word();
    let attributes = &input.attributes;
    let (names, whole) = match leaf {
        Leaf::With(_) | Leaf::Serde(_) => {
            ("gets its name and version from the serializer", "the serializer of the type writes the whole value")
        }
        Leaf::Text(_) => {
            ("has no version, and its name is written as `text(name = \"...\")`", "the type is stored as text")
        }
        Leaf::StandIn(_) => {
            ("has the name and version of the stored type", "another type is stored in place of this one")
        }
    };
    for token in other_words(attributes) {
        cx.error(token, format!("a type with `{word}` {names}: leave this out, or leave out `{word}`"));
    }
    for attribute in input.inner_attributes().filter(|attribute| attribute.path().is_ident(STATE)) {
        cx.error(attribute, format!("{whole}, so this has no effect: leave it out, or leave out `{word}`"));
    }
}

/// A field with a custom serializer is stored, and only by that.
pub(super) fn check_fields(cx: &Ctxt, input: &Input<'_>) {
    for (field, leaf) in input.leaves() {
        check_name(cx, leaf);
        check_migrations(cx, input, leaf);
        check_generic_key(cx, input, leaf, field.words());
        if let Some(skip) = &field.attributes.skip {
            let word = leaf.word();
            cx.error(
                skip,
                format!("`skip` says that the field is not stored, and `{word}` says how it is stored: leave out one of the two"),
            );
        }
    }
}

/// A leaf with the name of a built-in type would be ambiguous.
fn check_name(cx: &Ctxt, leaf: &Leaf) {
    if let Leaf::Serde(serde) = leaf
        && reserved::is_reserved(&serde.name.value())
    {
        let name = serde.name.value();
        cx.error(&serde.name, format!("`{name}` is the reserved name of a built-in type: choose another name"));
    }
}

/// Each function of a serde leaf reads one earlier version, and returns the current type.
fn check_migrations(cx: &Ctxt, input: &Input<'_>, leaf: &Leaf) {
    let Leaf::Serde(serde) = leaf else { return };
    let mut seen = BTreeSet::new();
    for migration in &serde.migrations {
        let from = migration.from.value;
        if from >= serde.version.value {
            let message = format!(
                "the leaf has version {} now, and only earlier versions are migrated: increment it (`version = {}`), or write a lower number here",
                serde.version.value,
                from.saturating_add(1)
            );
            cx.error(&migration.from.original, message);
        } else if !seen.insert(from) {
            cx.error(&migration.from.original, format!("version {from} is already migrated: leave out one of the two"));
        }
        if let Some(injective) = &migration.injective {
            cx.error(injective, "a value stored by serde is never migrated within keys: leave out `injective`");
        }
    }
    if let Some(first) = serde.migrations.first()
        && input.generics.type_params().next().is_some()
    {
        cx.error(
            &first.word,
            "a function of a generic type cannot be named here: write a `CustomSerializer` for the type, and `with = path`",
        );
    }
}

/// Whether a serializer is canonical is a constant, which cannot be evaluated for a type parameter.
fn check_generic_key(cx: &Ctxt, input: &Input<'_>, leaf: &Leaf, part: impl ToTokens) {
    if input.attributes.key.is_some() && input.generics.type_params().next().is_some() {
        let word = leaf.word();
        cx.error(
            part,
            format!("a generic type cannot check whether `{word}` is canonical, as a key has to be: leave out `key`, or the type parameters"),
        );
    }
}

/// The attributes that describe a layout.
fn other_words(attributes: &Attributes) -> Vec<TokenTree> {
    let mut words: Vec<TokenTree> = Vec::new();
    let first = |tokens: &dyn Fn() -> proc_macro2::TokenStream| tokens().into_iter().next();
    words
        .extend(attributes.name.iter().chain(&attributes.aliases).filter_map(|name| first(&|| name.to_token_stream())));
    words.extend(attributes.version.iter().filter_map(|version| first(&|| version.original.clone())));
    let removed = attributes.removed.iter().flat_map(|removed| &removed.names);
    words.extend(removed.filter_map(|name| first(&|| name.to_token_stream())));
    words.extend(attributes.migrations.iter().map(|migration| TokenTree::Ident(migration.word.clone())));
    words.extend(attributes.was.iter().map(|was| TokenTree::Ident(was.word.clone())));
    words.extend(attributes.remote.iter().filter_map(|remote| first(&|| remote.to_token_stream())));
    words.extend(attributes.transparent.iter().map(|word: &Ident| TokenTree::Ident(word.clone())));
    words
}
