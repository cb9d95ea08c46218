//! Reads `#[state(...)]` into typed attributes, each with its tokens for error messages.

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Expr, Ident, Lit, LitStr, Path, Type, WherePredicate};

use crate::advice;
use crate::arguments::{Argument, Item, Number, Usage, items};
use crate::ctxt::Ctxt;
use crate::foreign;
use crate::functions::{self, Conversion, Migration};
use crate::leaf::{self, Leaf, With};
use crate::symbol::{BECOMES, Place, STATE, Symbol};
use crate::tokens::{bare, literal};

/// The attributes of a type, a variant or a field. The place decides which of them are allowed.
#[derive(Default)]
pub(crate) struct Attributes {
    pub(crate) name: Option<LitStr>,
    pub(crate) version: Option<Number>,
    pub(crate) aliases: Vec<LitStr>,
    pub(crate) removed: Vec<Removed>,
    pub(crate) transparent: Option<Ident>,
    pub(crate) key: Option<Ident>,
    /// An ordered key is a key: then `key` is set as well.
    pub(crate) ordered: Option<Ident>,
    pub(crate) krate: Option<Path>,
    pub(crate) bound: Option<Vec<WherePredicate>>,
    pub(crate) default: Option<DefaultValue>,
    pub(crate) skip: Option<Ident>,
    pub(crate) tag: Option<Number>,
    pub(crate) conversions: Vec<Conversion>,
    pub(crate) none: Option<NoneValue>,
    pub(crate) other: Option<Ident>,
    pub(crate) migrations: Vec<Migration>,
    pub(crate) was: Vec<Was>,
    pub(crate) leaf: Option<Leaf>,
    pub(crate) remote: Option<Path>,
}

/// `was = (i64, u32)`.
pub(crate) struct Was {
    pub(crate) word: Ident,
    pub(crate) ty: Type,
}

/// `removed("x", "y")`, for variants with `becomes = value`.
pub(crate) struct Removed {
    pub(crate) names: Vec<LitStr>,
    pub(crate) becomes: Option<Becomes>,
}

/// `becomes = value`.
pub(crate) struct Becomes {
    pub(crate) word: Ident,
    pub(crate) value: Expr,
}

/// `default`, or `default = value`.
pub(crate) struct DefaultValue {
    pub(crate) word: Ident,
    pub(crate) value: Option<Expr>,
}

/// `none = value`.
pub(crate) struct NoneValue {
    pub(crate) word: Ident,
    pub(crate) value: Expr,
}

impl Attributes {
    /// Reads all attributes of one place. Errors go to `cx`, and the attribute with the error is left out.
    pub(crate) fn read(cx: &Ctxt, attributes: &[Attribute], place: Place) -> Self {
        let mut read = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(STATE)) {
            match attribute.meta.require_list() {
                Ok(list) => match list.parse_args_with(|input: ParseStream<'_>| items(cx, input)) {
                    Ok(items) => items.into_iter().for_each(|item| read.item(cx, item, place)),
                    Err(error) => cx.push(error),
                },
                Err(_) => cx.error(attribute, "expected parentheses: write `#[state(...)]`"),
            }
        }
        if read.key.is_none() {
            read.key.clone_from(&read.ordered);
        }
        read
    }

    fn item(&mut self, cx: &Ctxt, Item { word, argument }: Item, place: Place) {
        let Some(symbol) = Symbol::parse(&word.unraw().to_string()) else {
            cx.error(&word, advice::unknown(&word.unraw().to_string(), place));
            return;
        };
        if !symbol.places().contains(&place) {
            cx.error(&word, advice::misplaced(symbol, place));
            return;
        }
        let usage = Usage { cx, symbol, word: &word };
        match symbol {
            Symbol::Name => usage.once(&mut self.name, usage.text(argument)),
            Symbol::Alias => self.aliases.extend(usage.texts(argument)),
            Symbol::Version => usage.once(&mut self.version, usage.number(argument)),
            Symbol::Tag => usage.once(&mut self.tag, usage.number(argument)),
            Symbol::Transparent => usage.once(&mut self.transparent, usage.flag(argument)),
            Symbol::Key => usage.once(&mut self.key, usage.flag(argument)),
            Symbol::Ordered => usage.once(&mut self.ordered, usage.flag(argument)),
            Symbol::Skip => usage.once(&mut self.skip, usage.flag(argument)),
            Symbol::Crate => usage.once(&mut self.krate, usage.path(argument)),
            Symbol::Bound => usage.once(&mut self.bound, usage.predicates(argument)),
            Symbol::With => set_leaf(&usage, &mut self.leaf, serializer(&usage, argument)),
            Symbol::Serde => {
                let arguments = usage.arguments(argument);
                set_leaf(&usage, &mut self.leaf, arguments.and_then(|tokens| leaf::serde(cx, &word, tokens)));
            }
            Symbol::Text => set_leaf(&usage, &mut self.leaf, foreign::text(&usage, argument).map(Leaf::Text)),
            Symbol::As => set_leaf(&usage, &mut self.leaf, foreign::stand_in(&usage, argument).map(Leaf::StandIn)),
            Symbol::Remote => usage.once(&mut self.remote, foreign::remote(&usage, argument)),
            Symbol::Removed => self.removed.extend(removed(&usage, argument)),
            Symbol::Other => usage.once(&mut self.other, usage.flag(argument)),
            Symbol::Convert => {
                let arguments = usage.arguments(argument);
                self.conversions.extend(arguments.and_then(|tokens| functions::conversion(cx, &word, tokens)));
            }
            Symbol::Migrate => {
                let arguments = usage.arguments(argument);
                self.migrations
                    .extend(arguments.into_iter().flat_map(|tokens| functions::migrations(cx, &word, tokens)));
            }
            Symbol::Was => self.was.extend(was(&usage, argument)),
            Symbol::None => {
                let none = match argument {
                    Argument::Value(value) => Some(NoneValue { word: word.clone(), value }),
                    Argument::None => usage.wrong(&word),
                    Argument::List(list) => usage.wrong(list.original),
                };
                usage.once(&mut self.none, none);
            }
            Symbol::Default => {
                let default = match argument {
                    Argument::None => Some(DefaultValue { word: word.clone(), value: None }),
                    Argument::Value(value) => Some(DefaultValue { word: word.clone(), value: Some(value) }),
                    Argument::List(list) => usage.wrong(list.original),
                };
                usage.once(&mut self.default, default);
            }
        }
    }
}

fn set_leaf(usage: &Usage<'_>, slot: &mut Option<Leaf>, leaf: Option<Leaf>) {
    match slot {
        Some(first) if first.word() != usage.word => {
            let message = format!("`{}` already says how it is stored: leave out one of the two", first.word());
            usage.cx.error(usage.word, message);
        }
        _ => usage.once(slot, leaf),
    }
}

/// `path` of a serializer.
fn serializer(usage: &Usage<'_>, argument: Argument) -> Option<Leaf> {
    let value = match argument {
        Argument::Value(value) => value,
        Argument::None => return usage.wrong(usage.word),
        Argument::List(list) => return usage.wrong(list.original),
    };
    match (syn::parse2::<Type>(value.to_token_stream()), literal(&value)) {
        (Ok(serializer @ Type::Path(_)), _) => Some(Leaf::With(With { word: usage.word.clone(), serializer })),
        (_, Some(Lit::Str(text))) => {
            let message = format!("`with` takes a path without quotes: write `with = {}`", text.value());
            usage.cx.error(&value, message);
            None
        }
        _ => usage.wrong(value),
    }
}

/// The type in `was = type`.
fn was(usage: &Usage<'_>, argument: Argument) -> Option<Was> {
    let value = match argument {
        Argument::Value(value) => value,
        Argument::None => return usage.wrong(usage.word),
        Argument::List(list) => return usage.wrong(list.original),
    };
    match (literal(&value), syn::parse2::<Type>(value.to_token_stream())) {
        (Some(Lit::Str(text)), _) => {
            let message = format!(
                "`was` takes the stored type without quotes: write `was = {0}`; for another name of this type, write `alias = \"{0}\"`",
                text.value()
            );
            usage.cx.error(&value, message);
            None
        }
        (None, Ok(ty)) => Some(Was { word: usage.word.clone(), ty: bare(&ty).clone() }),
        _ => usage.wrong(value),
    }
}

/// The names in `removed(...)`, with `becomes = value`.
fn removed(usage: &Usage<'_>, argument: Argument) -> Option<Removed> {
    let list = match argument {
        Argument::List(list) if !list.original.is_empty() => list,
        Argument::Value(value) => {
            let name = literal(&value).map_or_else(|| "\"...\"".to_owned(), |lit| lit.to_token_stream().to_string());
            usage.cx.error(value, format!("`removed` takes its names in parentheses: write `removed({name})`"));
            return None;
        }
        _ => {
            usage.cx.error(usage.word, "say what was removed: write `removed(\"...\")`");
            return None;
        }
    };
    let (names, becomes) = usage.list(list, |item| match item {
        Item { word, argument: Argument::Value(value) } if word == BECOMES => Some(Becomes { word, value }),
        _ => None,
    });
    if names.is_empty() {
        if let Some(Becomes { word, .. }) = becomes.first() {
            usage.cx.error(word, "say which variant: write `removed(\"...\", becomes = value)`");
        }
        return None;
    }
    if let Some(Becomes { word, .. }) = becomes.get(1) {
        usage.cx.error(word, "`becomes` is given twice: remove one of the two");
    }
    Some(Removed { names, becomes: becomes.into_iter().next() })
}
