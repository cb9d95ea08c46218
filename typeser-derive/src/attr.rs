//! Reads `#[state(...)]`: from tokens to our own words, each with the place where the user wrote it.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitStr, Path, Token, Type, WherePredicate};

use crate::advice;
use crate::ctxt::Ctxt;
use crate::functions::{self, Conversion, Migration};
use crate::leaf::{self, Leaf, With};
use crate::symbol::{BECOMES, Place, STATE, Symbol};

/// What stands in the attributes of a type, a variant or a field. Which of it may, depends on the place.
#[derive(Default)]
pub(crate) struct Attributes {
    pub(crate) name: Option<LitStr>,
    pub(crate) version: Option<Number>,
    pub(crate) aliases: Vec<LitStr>,
    pub(crate) removed: Vec<Removed>,
    pub(crate) transparent: Option<Ident>,
    pub(crate) key: Option<Ident>,
    pub(crate) krate: Option<Path>,
    pub(crate) bound: Option<Vec<WherePredicate>>,
    pub(crate) default: Option<DefaultValue>,
    pub(crate) skip: Option<Ident>,
    pub(crate) tag: Option<Number>,
    pub(crate) conversions: Vec<Conversion>,
    pub(crate) none: Option<NoneValue>,
    pub(crate) other: Option<Ident>,
    pub(crate) migrations: Vec<Migration>,
    pub(crate) leaf: Option<Leaf>,
}

/// A number and where it stands.
pub(crate) struct Number {
    pub(crate) value: u32,
    pub(crate) original: TokenStream,
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

/// One entry of `#[state(...)]`.
pub(crate) struct Item {
    pub(crate) word: Ident,
    pub(crate) argument: Argument,
}

/// What stands behind a word.
pub(crate) enum Argument {
    None,
    Value(Expr),
    List(List),
}

/// What stands in the parentheses behind a word: as entries, and as it was written.
pub(crate) struct List {
    entries: syn::Result<Vec<Entry>>,
    original: TokenStream,
}

enum Entry {
    Value(Expr),
    Named(Item),
}

impl Attributes {
    /// Reads all attributes of one place; mistakes go to `cx` and leave their word out.
    pub(crate) fn read(cx: &Ctxt, attributes: &[Attribute], place: Place) -> Self {
        let mut read = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(STATE)) {
            match attribute.meta.require_list() {
                Ok(list) => match list.parse_args_with(|input: ParseStream<'_>| items(cx, input)) {
                    Ok(items) => items.into_iter().for_each(|item| read.item(cx, item, place)),
                    Err(error) => cx.push(error),
                },
                Err(_) => cx.error(attribute, "write what it should say in parentheses: `#[state(...)]`"),
            }
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
            Symbol::Skip => usage.once(&mut self.skip, usage.flag(argument)),
            Symbol::Crate => usage.once(&mut self.krate, usage.path(argument)),
            Symbol::Bound => usage.once(&mut self.bound, usage.predicates(argument)),
            Symbol::With => usage.leaf(&mut self.leaf, usage.serializer(argument)),
            Symbol::Serde => {
                let arguments = usage.arguments(argument);
                usage.leaf(&mut self.leaf, arguments.and_then(|tokens| leaf::serde(cx, &word, tokens)));
            }
            Symbol::Removed => self.removed.extend(usage.removed(argument)),
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

/// The entries between the parentheses. An entry that cannot be read is reported and passed over.
pub(crate) fn items(cx: &Ctxt, input: ParseStream<'_>) -> syn::Result<Vec<Item>> {
    let mut items = Vec::new();
    while !input.is_empty() {
        match item(input) {
            Ok(item) => items.push(item),
            Err(error) => {
                cx.push(error);
                while !input.is_empty() && !input.peek(Token![,]) {
                    input.parse::<proc_macro2::TokenTree>()?;
                }
            }
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(items)
}

fn item(input: ParseStream<'_>) -> syn::Result<Item> {
    if !input.peek(Ident::peek_any) {
        return Err(input.error("expected a word such as `name = \"...\"` or `version = 2`"));
    }
    let word = input.call(Ident::parse_any)?;
    let argument = if input.is_empty() || input.peek(Token![,]) {
        Argument::None
    } else if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        Argument::Value(value(&word, input)?)
    } else if input.peek(syn::token::Paren) {
        let content;
        syn::parenthesized!(content in input);
        let original = content.fork().parse()?;
        let entries = entries(&content.fork());
        // Read to the end also what could not be read, or the whole attribute would be called wrong.
        content.parse::<TokenStream>()?;
        Argument::List(List { entries, original })
    } else {
        return Err(input.error(format!("expected `,`, `=` or `(` after `{word}`")));
    };
    Ok(Item { word, argument })
}

/// What stands behind `=`. The serializer behind `with` is a type, which may have arguments.
fn value(word: &Ident, input: ParseStream<'_>) -> syn::Result<Expr> {
    if word == Symbol::With.word() {
        let ahead = input.fork();
        if let Ok(ty @ Type::Path(_)) = ahead.parse::<Type>()
            && (ahead.is_empty() || ahead.peek(Token![,]))
        {
            input.advance_to(&ahead);
            return Ok(Expr::Verbatim(ty.to_token_stream()));
        }
    }
    input.parse()
}

fn entries(input: ParseStream<'_>) -> syn::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    while !input.is_empty() {
        let named = input.peek(Ident::peek_any) && input.peek2(Token![=]) && !input.peek2(Token![==]);
        entries.push(if named { Entry::Named(item(input)?) } else { Entry::Value(input.parse()?) });
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(entries)
}

/// One use of a word: turns its argument into what the word wants, or says what to write.
pub(crate) struct Usage<'a> {
    pub(crate) cx: &'a Ctxt,
    pub(crate) symbol: Symbol,
    pub(crate) word: &'a Ident,
}

impl Usage<'_> {
    pub(crate) fn once<T>(&self, slot: &mut Option<T>, value: Option<T>) {
        if slot.is_some() {
            self.cx.error(self.word, format!("`{}` is given twice: remove one of the two", self.symbol));
        } else {
            *slot = value;
        }
    }

    fn wrong<T>(&self, at: impl ToTokens) -> Option<T> {
        let at = at.into_token_stream();
        let message = format!("write `{}`", self.symbol.usage());
        if at.is_empty() {
            self.cx.error(self.word, message)
        } else {
            self.cx.error(at, message)
        }
        None
    }

    fn leaf(&self, slot: &mut Option<Leaf>, leaf: Option<Leaf>) {
        match slot {
            Some(first) if first.word() != self.word => {
                let message = format!("`{}` says already how it is stored: leave out one of the two", first.word());
                self.cx.error(self.word, message);
            }
            _ => self.once(slot, leaf),
        }
    }

    /// `path` of a serializer.
    fn serializer(&self, argument: Argument) -> Option<Leaf> {
        let value = match argument {
            Argument::Value(value) => value,
            Argument::None => return self.wrong(self.word),
            Argument::List(list) => return self.wrong(list.original),
        };
        match (syn::parse2::<Type>(value.to_token_stream()), literal(&value)) {
            (Ok(serializer @ Type::Path(_)), _) => Some(Leaf::With(With { word: self.word.clone(), serializer })),
            (_, Some(Lit::Str(text))) => {
                let message = format!("`with` takes a path without quotes: write `with = {}`", text.value());
                self.cx.error(&value, message);
                None
            }
            _ => self.wrong(value),
        }
    }

    pub(crate) fn flag(&self, argument: Argument) -> Option<Ident> {
        match argument {
            Argument::None => Some(self.word.clone()),
            Argument::Value(value) => {
                self.cx.error(value, format!("`{0}` takes no value: write `{0}` alone", self.symbol));
                None
            }
            Argument::List(list) => {
                self.cx.error(list.original, format!("`{0}` takes no arguments: write `{0}` alone", self.symbol));
                None
            }
        }
    }

    /// What stands in the parentheses; there has to be something.
    pub(crate) fn arguments(&self, argument: Argument) -> Option<TokenStream> {
        match argument {
            Argument::List(list) if list.original.is_empty() => self.wrong(self.word),
            Argument::List(list) => Some(list.original),
            Argument::Value(value) => self.wrong(value),
            Argument::None => self.wrong(self.word),
        }
    }

    pub(crate) fn text(&self, argument: Argument) -> Option<LitStr> {
        match argument {
            Argument::Value(value) => self.string(value, |text| format!("{} = {text}", self.symbol)),
            Argument::None => self.wrong(self.word),
            Argument::List(list) => self.wrong(list.original),
        }
    }

    fn texts(&self, argument: Argument) -> Vec<LitStr> {
        match argument {
            Argument::List(list) => self.list(list, |_| None::<()>).0,
            single => self.text(single).into_iter().collect(),
        }
    }

    /// A name: a string that is not empty. `write` puts a guess at it into the words to write.
    fn string(&self, value: Expr, write: impl Fn(&str) -> String) -> Option<LitStr> {
        let cx = self.cx;
        match literal(&value) {
            Some(Lit::Str(text)) => match text.value().len() {
                0 => cx.error(text, format!("`{}` is empty: a name has at least one character", self.symbol)),
                1..=advice::NAME_BYTES => return Some(text.clone()),
                length => {
                    cx.error(text, format!("a name of {length} bytes: names have at most {} bytes", advice::NAME_BYTES))
                }
            },
            _ => {
                let guess = match (&value, literal(&value)) {
                    (Expr::Path(path), _) => path.path.get_ident().map(|ident| ident.unraw().to_string()),
                    (_, Some(Lit::Int(number))) => Some(number.base10_digits().to_owned()),
                    (_, Some(Lit::Char(letter))) => Some(letter.value().to_string()),
                    _ => None,
                };
                let guess = format!("\"{}\"", guess.as_deref().unwrap_or("..."));
                cx.error(value, format!("`{}` takes a string: write `{}`", self.symbol, write(&guess)));
            }
        }
        None
    }

    pub(crate) fn number(&self, argument: Argument) -> Option<Number> {
        let value = match argument {
            Argument::Value(value) => value,
            Argument::None => return self.wrong(self.word),
            Argument::List(list) => return self.wrong(list.original),
        };
        let original = value.to_token_stream();
        let least = u32::from(self.symbol == Symbol::Version);
        let parsed = match literal(&value) {
            Some(Lit::Int(number)) if number.suffix().is_empty() || number.suffix() == "u32" => {
                number.base10_parse::<u32>().ok().filter(|value| *value >= least)
            }
            Some(Lit::Int(number)) => {
                let (digits, suffix) = (number.base10_digits(), number.suffix());
                let symbol = self.symbol;
                self.cx.error(&value, format!("leave out `{suffix}`: write `{symbol} = {digits}`"));
                return None;
            }
            Some(Lit::Str(text)) if text.value().parse::<u32>().is_ok() => {
                let (symbol, digits) = (self.symbol, text.value());
                self.cx.error(&value, format!("`{symbol}` takes a number without quotes: write `{symbol} = {digits}`"));
                return None;
            }
            _ => None,
        };
        if parsed.is_none() {
            self.cx.error(value, advice::not_a_number(self.symbol, least));
        }
        parsed.map(|value| Number { value, original })
    }

    fn path(&self, argument: Argument) -> Option<Path> {
        match argument {
            Argument::Value(Expr::Path(path)) if path.qself.is_none() => Some(path.path),
            Argument::Value(value) => {
                if let Some(Lit::Str(text)) = literal(&value) {
                    let message = format!("`crate` takes a path without quotes: write `crate = {}`", text.value());
                    self.cx.error(&value, message);
                    None
                } else {
                    self.wrong(value)
                }
            }
            Argument::None => self.wrong(self.word),
            Argument::List(list) => self.wrong(list.original),
        }
    }

    fn predicates(&self, argument: Argument) -> Option<Vec<WherePredicate>> {
        let value = match argument {
            Argument::Value(value) => value,
            Argument::None => return self.wrong(self.word),
            Argument::List(list) => return self.wrong(list.original),
        };
        let Some(Lit::Str(text)) = literal(&value) else { return self.wrong(value) };
        match text.parse_with(Punctuated::<WherePredicate, Token![,]>::parse_terminated) {
            Ok(predicates) => Some(predicates.into_iter().collect()),
            Err(error) => {
                let message = format!("not a list of bounds ({error}): write for example `bound = \"T: StateType\"`");
                self.cx.error(text, message);
                None
            }
        }
    }

    fn removed(&self, argument: Argument) -> Option<Removed> {
        let list = match argument {
            Argument::List(list) if !list.original.is_empty() => list,
            Argument::Value(value) => {
                let name =
                    literal(&value).map_or_else(|| "\"...\"".to_owned(), |lit| lit.to_token_stream().to_string());
                self.cx.error(value, format!("`removed` takes its names in parentheses: write `removed({name})`"));
                return None;
            }
            _ => {
                self.cx.error(self.word, "say what was removed: write `removed(\"...\")`");
                return None;
            }
        };
        let (names, becomes) = self.list(list, |item| match item {
            Item { word, argument: Argument::Value(value) } if word == BECOMES => Some(Becomes { word, value }),
            _ => None,
        });
        if names.is_empty() {
            if let Some(Becomes { word, .. }) = becomes.first() {
                self.cx.error(word, "say which variant: write `removed(\"...\", becomes = value)`");
            }
            return None;
        }
        if let Some(Becomes { word, .. }) = becomes.get(1) {
            self.cx.error(word, "`becomes` is given twice: remove one of the two");
        }
        Some(Removed { names, becomes: becomes.into_iter().next() })
    }

    /// Strings with commas between, and entries that `other` takes.
    fn list<T>(&self, list: List, other: impl Fn(Item) -> Option<T>) -> (Vec<LitStr>, Vec<T>) {
        let (mut texts, mut others) = (Vec::new(), Vec::new());
        let entries = list.entries.unwrap_or_else(|error| {
            self.cx.push(error);
            Vec::new()
        });
        for entry in entries {
            match entry {
                Entry::Value(value) => texts.extend(self.string(value, |text| format!("{}({text})", self.symbol))),
                Entry::Named(item) => {
                    let word = item.word.clone();
                    match other(item) {
                        Some(found) => others.push(found),
                        None => self.cx.error(
                            &word,
                            format!("`{}` takes strings, `{word}` is not known here: leave it out", self.symbol),
                        ),
                    }
                }
            }
        }
        (texts, others)
    }
}

/// The literal in an expression, also where `macro_rules!` put it.
pub(crate) fn literal(value: &Expr) -> Option<&Lit> {
    match value {
        Expr::Lit(ExprLit { lit, .. }) => Some(lit),
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}
