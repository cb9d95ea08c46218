//! The rules of `text` and `as`: which types they can mean, and what a key needs.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Type;

use crate::ast::Input;
use crate::ctxt::Ctxt;
use crate::foreign::{StandIn, Text};
use crate::form::{Foreign, Form, candidates};
use crate::leaf::Leaf;
use crate::reserved;
use crate::tokens::{as_rust, bare};

/// A type that is stored as text or by a stand-in.
pub(super) fn check_type(cx: &Ctxt, input: &Input<'_>, leaf: &Leaf) {
    if let Leaf::Text(text) = leaf {
        for ty in &text.types {
            cx.error(ty, "the type itself is stored as text: write `text` without a type");
        }
        if text.types.is_empty() {
            check_text_name(cx, text, &input.ident.to_string());
        }
    }
    if let Leaf::StandIn(stand_in) = leaf {
        check_placeholder(cx, &stand_in.stored);
        check_generic_functions(cx, stand_in);
    }
    check_key(cx, input, leaf, None);
}

/// The fields that are stored as text or by a stand-in.
pub(super) fn check_fields(cx: &Ctxt, input: &Input<'_>) {
    for (field, leaf) in input.leaves() {
        let Some(form) = leaf.form(field.ty) else { continue };
        match leaf {
            Leaf::Text(text) => check_text(cx, field.ty, text, &form),
            Leaf::StandIn(stand_in) => check_stand_in(cx, field.ty, stand_in, &form),
            Leaf::With(_) | Leaf::Serde(_) => {}
        }
        check_key(cx, input, leaf, Some(&form));
    }
}

/// A bare `text` means the only type that is not stored anyway.
fn check_text(cx: &Ctxt, ty: &Type, text: &Text, form: &Form) {
    if text.types.is_empty() {
        let candidates: Vec<String> = candidates(ty).iter().map(as_rust).collect();
        match candidates.as_slice() {
            [] => {
                let ty = as_rust(ty);
                return cx.error(&text.word, format!("`text` finds no type of another crate in `{ty}`: leave out `text`, or name the type: `text(Name)`"));
            }
            [_] => {}
            several => {
                let (first, all) = (&several[0], several.join("`, `"));
                return cx.error(
                    &text.word,
                    format!("say which of `{all}` is stored as text: write `text({first})`, or several types separated by commas"),
                );
            }
        }
    }
    let found: Vec<String> = form.foreign().iter().map(|foreign| as_rust(&foreign.value)).collect();
    for named in &text.types {
        if !found.contains(&as_rust(bare(named))) {
            let (named_type, ty) = (as_rust(named), as_rust(ty));
            cx.error(
                named,
                format!("`text` does not find `{named_type}` in `{ty}`: it searches `Option`, `Vec`, `VecDeque`, arrays, tuples, `Box`, `Rc`, `Arc`, sets and maps; write the type as it is written there, or use `as`"),
            );
        }
    }
    let mut names: Vec<String> = form.foreign().into_iter().map(Foreign::name).collect();
    names.dedup();
    if let (Some(name), [_, _, ..]) = (&text.name, names.as_slice()) {
        cx.error(name, "`name` names one type, and several are stored as text here: leave it out");
    }
    for name in names {
        check_text_name(cx, text, &name);
    }
}

/// The name of a built-in type would be ambiguous.
fn check_text_name(cx: &Ctxt, text: &Text, default: &str) {
    let name = text.name.as_ref().map_or_else(|| default.to_owned(), syn::LitStr::value);
    if reserved::is_reserved(&name) {
        let original: &dyn ToTokens = text.name.as_ref().map_or(&text.word, |name| name);
        let message =
            format!("`{name}` is the reserved name of a built-in type: write `text(name = \"...\")` with another name");
        cx.error(original, message);
    }
}

fn check_stand_in(cx: &Ctxt, ty: &Type, leaf: &StandIn, form: &Form) {
    let foreign = form.foreign();
    for stored in foreign.iter().filter_map(|foreign| foreign.stored.as_ref()) {
        check_placeholder(cx, stored);
    }
    if foreign.is_empty() {
        let ty = as_rust(ty);
        cx.error(
            &leaf.stored,
            format!("the field is a `{ty}` already: leave out `as`, or name the type that is stored in its place"),
        );
    }
    if let (Some(_), [_, second, ..]) = (&leaf.functions, foreign.as_slice()) {
        cx.error(
            &second.stored,
            "the functions convert one type, and this is a second one: write `From` conversions, or a wrapper type",
        );
    }
    check_generic_functions(cx, leaf);
}

/// `_` stands for a part that is stored as what it is.
fn check_placeholder(cx: &Ctxt, stored: &Type) {
    if matches!(stored, Type::Infer(_)) {
        cx.error(stored, "`_` keeps the type of a part of a collection: write the type that is stored");
    }
}

fn check_generic_functions(cx: &Ctxt, leaf: &StandIn) {
    if let (true, Some(functions)) = (leaf.generic, &leaf.functions) {
        cx.error(
            &functions.into.path,
            "a function for a generic type cannot be named here: write `From` conversions, and `as = type`",
        );
    }
}

/// Equal keys must have equal bytes, which only the program can know of a conversion.
fn check_key(cx: &Ctxt, input: &Input<'_>, leaf: &Leaf, form: Option<&Form>) {
    if input.attributes.key.is_none() {
        return;
    }
    let (word, canonical, usage): (_, _, TokenStream) = match leaf {
        Leaf::Text(text) => {
            let types = &text.types;
            (&text.word, text.canonical, quote!(text(#(#types,)* canonical)))
        }
        Leaf::StandIn(leaf) => {
            let stored = &leaf.stored;
            let functions = leaf.functions.as_ref().map(|functions| {
                let (into, from) = (&functions.into.path, &functions.from.path);
                quote!(into = #into, from = #from,)
            });
            (&leaf.word, leaf.canonical, quote!(as(#stored, #functions canonical)))
        }
        Leaf::With(_) | Leaf::Serde(_) => return,
    };
    if !canonical {
        let usage = as_rust(usage);
        cx.error(
            word,
            format!("equal keys must have equal bytes: if equal values are stored alike and different values differently, write `{usage}`; otherwise remove the field from the key"),
        );
    }
    if form.is_some_and(Form::is_unordered) {
        cx.error(word, "a map or set cannot be part of a key, because its order is not defined: store a sorted `Vec`");
    }
}
