//! Names are permanent: within a type, each current, earlier and removed name has one meaning.
//!
//! Otherwise release 1 `a`, release 2 `b` (alias `a`), release 3 `b` and a new `a` would read release 1's `a` as the
//! new one.

use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;

use crate::ast::{Field, Input, Name, Shape};
use crate::attr::{Attributes, Removed};
use crate::ctxt::Ctxt;
use crate::reserved;

/// A user type with the name of a built-in type would be ambiguous.
pub(super) fn check_reserved(cx: &Ctxt, input: &Input<'_>) {
    if input.attributes.transparent.is_some() {
        return;
    }
    let aliases = input.attributes.aliases.iter().map(|alias| (alias.value(), alias.to_token_stream()));
    let own = (input.name.value.clone(), input.name.original.clone());
    for (name, original) in std::iter::once(own).chain(aliases) {
        if reserved::is_reserved(&name) {
            let advice = if input.attributes.name.is_some() || name != input.name.value {
                "choose another name".to_owned()
            } else {
                format!("write `#[state(name = \"...\")]` below the derive, or rename the {}", input.shape.kind())
            };
            cx.error(original, format!("`{name}` is the reserved name of a built-in type: {advice}"));
        }
    }
}

/// The name of a type and its aliases.
pub(super) fn check_type(cx: &Ctxt, input: &Input<'_>) {
    let mut claims = Claims { cx, kind: "type", scope: String::new(), taken: HashMap::new() };
    claims.current(&input.name, None);
    claims.aliases(&input.attributes);
}

/// The names within a type: of fields, of variants, and of the fields of each variant.
pub(super) fn check_parts(cx: &Ctxt, input: &Input<'_>) {
    match &input.shape {
        Shape::Struct(fields) => check_fields(cx, &input.ident.unraw().to_string(), fields, &input.attributes.removed),
        Shape::Enum(variants) => {
            let scope = format!(" of `{}`", input.ident.unraw());
            let mut claims = Claims { cx, kind: "variant", scope, taken: HashMap::new() };
            for variant in variants {
                claims.current(&variant.name, None);
            }
            for variant in variants {
                claims.aliases(&variant.attributes);
            }
            claims.removed(&input.attributes.removed);
            for variant in variants {
                let scope = format!("{}::{}", input.ident.unraw(), variant.original.ident.unraw());
                check_fields(cx, &scope, &variant.fields, &variant.attributes.removed);
            }
        }
    }
}

fn check_fields(cx: &Ctxt, scope: &str, fields: &[Field<'_>], removed: &[Removed]) {
    let scope = format!(" of `{scope}`");
    let mut claims = Claims { cx, kind: "field", scope, taken: HashMap::new() };
    // The name of a skipped field is not stored, so it may be that of a removed one: that is how a field becomes
    // skipped.
    let stored = || fields.iter().filter(|field| field.is_stored());
    for field in stored() {
        claims.current(&field.name, Some(field));
    }
    for field in stored() {
        claims.aliases(&field.attributes);
    }
    claims.removed(removed);
}

/// The names that are taken so far, and by what.
struct Claims<'a> {
    cx: &'a Ctxt,
    kind: &'static str,
    scope: String,
    taken: HashMap<String, Claim>,
}

#[derive(Clone, Copy, PartialEq)]
enum Claim {
    Current,
    Alias,
    Removed,
}

impl Claims<'_> {
    fn claim(&mut self, name: String, claim: Claim, original: impl FnOnce() -> TokenStream) {
        let Some(earlier) = self.taken.get(&name).copied() else {
            self.taken.insert(name, claim);
            return;
        };
        let (kind, scope) = (self.kind, &self.scope);
        let message = match (earlier, claim) {
            (Claim::Current, Claim::Current) => {
                format!("a second {kind}{scope} is called `{name}`: give one of them another `name`")
            }
            (Claim::Current, Claim::Alias) if kind == "type" => {
                format!("`{name}` is the name that the type has now; an alias is an earlier name: leave it out")
            }
            (Claim::Current, Claim::Alias) => format!(
                "`{name}` is a {kind}{scope} now, so it cannot also be an earlier name: leave the alias out, or give the {kind} `{name}` another name"
            ),
            (Claim::Alias, Claim::Alias) => {
                format!("two aliases{scope} have the name `{name}`, but stored data can go only to one: leave one out")
            }
            (Claim::Current, Claim::Removed) => format!(
                "`{name}` is a {kind}{scope} now, so it is not removed: leave it out here, or give the {kind} another name; a removed name never comes back"
            ),
            (Claim::Alias, Claim::Removed) => format!(
                "`{name}` is an alias{scope}, so its data is stored under another name now and is not removed: leave out one of the two"
            ),
            (Claim::Removed, _) => format!("`{name}` is removed twice: leave one out"),
            (Claim::Alias, Claim::Current) => format!("`{name}` is already an alias: give the {kind} another name"),
        };
        self.cx.error(original(), message);
    }

    fn current(&mut self, name: &Name, field: Option<&Field<'_>>) {
        let original = || match field {
            Some(field) if field.attributes.name.is_none() => field.words(),
            _ => name.original.clone(),
        };
        self.claim(name.value.clone(), Claim::Current, original);
    }

    fn aliases(&mut self, attributes: &Attributes) {
        for alias in &attributes.aliases {
            self.claim(alias.value(), Claim::Alias, || alias.to_token_stream());
        }
    }

    fn removed(&mut self, removed: &[Removed]) {
        for name in removed.iter().flat_map(|removed| &removed.names) {
            self.claim(name.value(), Claim::Removed, || name.to_token_stream());
        }
    }
}
