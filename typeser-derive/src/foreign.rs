//! Reads the attributes for values of foreign types: `text`, `as = type` and `remote = "path"`.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Ident, Lit, LitStr, Path, Token, Type};

use crate::advice;
use crate::arguments::{Argument, Usage};
use crate::functions::{Function, read_function};
use crate::symbol::{CANONICAL, FROM, INTO};
use crate::tokens::{as_rust, literal};

/// `text`, `text(Email, name = "email", canonical)`.
pub(crate) struct Text {
    pub(crate) word: Ident,
    /// The types that are stored as text. Empty: the only one that could be.
    pub(crate) types: Vec<Type>,
    pub(crate) name: Option<LitStr>,
    pub(crate) canonical: bool,
    /// The number of this attribute within the type, so that each declaration has its own name.
    pub(crate) number: usize,
}

/// `as = u64`, `as(u64, into = path, from = path, canonical)`.
pub(crate) struct StandIn {
    pub(crate) word: Ident,
    pub(crate) stored: Type,
    pub(crate) functions: Option<Box<Functions>>,
    pub(crate) canonical: bool,
    /// Whether the foreign type has parameters of the type that is derived.
    pub(crate) generic: bool,
    /// The number of this attribute within the type, so that each declaration has its own name.
    pub(crate) number: usize,
}

/// The functions that convert a foreign value.
pub(crate) struct Functions {
    pub(crate) into: Function,
    pub(crate) from: Function,
}

/// Reads `text`. Errors go to the context.
pub(crate) fn text(usage: &Usage<'_>, argument: Argument) -> Option<Text> {
    let mut text =
        Text { word: usage.word.clone(), types: Vec::new(), name: None, canonical: false, number: usage.cx.number() };
    let arguments = match argument {
        Argument::None => return Some(text),
        Argument::Value(value) => return usage.wrong(value),
        Argument::List(list) if list.original.is_empty() => return usage.wrong(usage.word),
        Argument::List(list) => list.original,
    };
    let read = |input: ParseStream<'_>| read_text(&mut text, input);
    read.parse2(arguments).map_err(|error| usage.cx.push(error)).ok()?;
    Some(text)
}

fn read_text(text: &mut Text, input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() {
        if input.peek(Ident::peek_any) && input.peek2(Token![=]) {
            let word = input.call(Ident::parse_any)?;
            if word != "name" {
                let message =
                    format!("unknown argument `{word}`: `text` takes types, `name = \"...\"` and `canonical`");
                return Err(Error::new(word.span(), message));
            }
            input.parse::<Token![=]>()?;
            let name: LitStr = input.parse()?;
            check_name(&name)?;
            if text.name.replace(name).is_some() {
                return Err(Error::new(word.span(), "`name` is given twice: remove one of the two"));
            }
        } else if let Ok(quoted) = input.fork().parse::<LitStr>() {
            let message = format!(
                "a type is written without quotes: write `text({0})`, or `text(name = \"{0}\")` for the stored name",
                quoted.value()
            );
            return Err(Error::new(quoted.span(), message));
        } else {
            let ty: Type = input.parse()?;
            match as_rust(&ty) == CANONICAL {
                true => text.canonical = true,
                false => text.types.push(ty),
            }
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(())
}

fn check_name(name: &LitStr) -> syn::Result<()> {
    match name.value().len() {
        0 => Err(Error::new(name.span(), "`name` is empty: a name has at least one character")),
        1..=advice::NAME_BYTES => Ok(()),
        length => {
            let message = format!("a name of {length} bytes: names have at most {} bytes", advice::NAME_BYTES);
            Err(Error::new(name.span(), message))
        }
    }
}

/// Reads `as`. Errors go to the context.
pub(crate) fn stand_in(usage: &Usage<'_>, argument: Argument) -> Option<StandIn> {
    let (word, number) = (usage.word.clone(), usage.cx.number());
    let simple = |stored| StandIn { word, stored, functions: None, canonical: false, generic: false, number };
    match argument {
        Argument::None => usage.wrong(usage.word),
        Argument::List(list) if list.original.is_empty() => usage.wrong(usage.word),
        Argument::Value(value) => match (literal(&value), syn::parse2::<Type>(value.to_token_stream())) {
            (Some(Lit::Str(text)), _) => {
                let message = format!("`as` takes a type without quotes: write `as = {}`", text.value());
                usage.cx.error(&value, message);
                None
            }
            (None, Ok(stored)) => Some(simple(stored)),
            _ => usage.wrong(value),
        },
        Argument::List(list) => {
            let read = |input: ParseStream<'_>| read_stand_in(usage.word, input);
            let (stored, functions, canonical) =
                read.parse2(list.original).map_err(|error| usage.cx.push(error)).ok()?;
            Some(StandIn { functions, canonical, ..simple(stored) })
        }
    }
}

fn read_stand_in(word: &Ident, input: ParseStream<'_>) -> syn::Result<(Type, Option<Box<Functions>>, bool)> {
    const USAGE: &str = "write `as(u64, into = path, from = path)`";
    if input.peek(Ident::peek_any) && input.peek2(Token![=]) {
        return Err(input.error(format!("the stored type has to come first: {USAGE}")));
    }
    let stored: Type = input.parse()?;
    let (mut into, mut from, mut canonical) = (None, None, false);
    while !input.is_empty() {
        input.parse::<Token![,]>()?;
        if input.is_empty() {
            break;
        }
        let name = input.call(Ident::parse_any)?;
        let slot = match name.unraw().to_string().as_str() {
            CANONICAL => {
                canonical = true;
                continue;
            }
            INTO => &mut into,
            FROM => &mut from,
            _ => {
                let message = format!(
                    "unknown argument `{name}`: `as` takes a type, `into = path`, `from = path` and `canonical`"
                );
                return Err(Error::new(name.span(), message));
            }
        };
        if !input.peek(Token![=]) {
            return Err(Error::new(name.span(), format!("`{name}` needs a function: write `{name} = path`")));
        }
        input.parse::<Token![=]>()?;
        if slot.replace(read_function(name.span(), input)?).is_some() {
            return Err(Error::new(name.span(), format!("`{name}` is given twice: remove one of the two")));
        }
    }
    let functions = match (into, from) {
        (Some(into), Some(from)) => Some(Box::new(Functions { into, from })),
        (None, None) => None,
        (Some(_), None) => {
            return Err(Error::new(
                word.span(),
                format!("the function that reads the stored value is missing: {USAGE}"),
            ));
        }
        (None, Some(_)) => {
            return Err(Error::new(
                word.span(),
                format!("the function that returns the stored value is missing: {USAGE}"),
            ));
        }
    };
    Ok((stored, functions, canonical))
}

/// Reads `remote`: the path of a type, in quotes as serde writes it or without.
pub(crate) fn remote(usage: &Usage<'_>, argument: Argument) -> Option<Path> {
    let value = match argument {
        Argument::Value(value) => value,
        Argument::None => return usage.wrong(usage.word),
        Argument::List(list) => return usage.wrong(list.original),
    };
    let path: syn::Result<Path> = match literal(&value) {
        Some(Lit::Str(text)) => text.parse(),
        _ => syn::parse2(value.to_token_stream()),
    };
    path.map_or_else(|_| usage.wrong(value), Some)
}

/// The path without generic arguments, as patterns and struct expressions take it.
pub(crate) fn constructor(path: &Path) -> TokenStream {
    let mut path = path.clone();
    for segment in &mut path.segments {
        segment.arguments = syn::PathArguments::None;
    }
    path.into_token_stream()
}
