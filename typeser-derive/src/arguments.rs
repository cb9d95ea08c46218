//! Reads the syntax inside `#[state(...)]`: words, and the arguments of each.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative;
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, Lit, LitStr, Path, Token, Type, WherePredicate};

use crate::advice;
use crate::ctxt::Ctxt;
use crate::symbol::Symbol;
use crate::tokens::literal;

/// One entry of `#[state(...)]`.
pub(crate) struct Item {
    pub(crate) word: Ident,
    pub(crate) argument: Argument,
}

/// The argument of a word.
pub(crate) enum Argument {
    None,
    Value(Expr),
    List(List),
}

/// The content of the parentheses after a word, as entries and as tokens.
pub(crate) struct List {
    pub(crate) entries: syn::Result<Vec<Entry>>,
    pub(crate) original: TokenStream,
}

pub(crate) enum Entry {
    Value(Expr),
    Named(Item),
}

/// A number and its tokens.
pub(crate) struct Number {
    pub(crate) value: u32,
    pub(crate) original: TokenStream,
}

/// The entries between the parentheses. An entry that cannot be read is reported and skipped.
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
        // Read to the end even after an error, so that the error is not reported for the whole attribute.
        content.parse::<TokenStream>()?;
        Argument::List(List { entries, original })
    } else {
        return Err(input.error(format!("expected `,`, `=` or `(` after `{word}`")));
    };
    Ok(Item { word, argument })
}

/// The value after `=`. After `with`, `was`, `as` and `remote`, that is a type, which may have arguments.
fn value(word: &Ident, input: ParseStream<'_>) -> syn::Result<Expr> {
    if [Symbol::With, Symbol::Was, Symbol::As, Symbol::Remote].iter().any(|symbol| word == symbol.word()) {
        let ahead = input.fork();
        if let Ok(ty) = ahead.parse::<Type>()
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

/// One use of a word: parses its argument, or reports what to write.
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

    pub(crate) fn wrong<T>(&self, at: impl ToTokens) -> Option<T> {
        let at = at.into_token_stream();
        let message = format!("write `{}`", self.symbol.usage());
        if at.is_empty() {
            self.cx.error(self.word, message)
        } else {
            self.cx.error(at, message)
        }
        None
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

    /// The content of the parentheses, which must not be empty.
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

    pub(crate) fn texts(&self, argument: Argument) -> Vec<LitStr> {
        match argument {
            Argument::List(list) => self.list(list, |_| None::<()>).0,
            single => self.text(single).into_iter().collect(),
        }
    }

    /// A name: a string that is not empty. `write` formats the suggestion for another literal.
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

    pub(crate) fn path(&self, argument: Argument) -> Option<Path> {
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

    pub(crate) fn predicates(&self, argument: Argument) -> Option<Vec<WherePredicate>> {
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

    /// Strings separated by commas, and entries that `other` accepts.
    pub(crate) fn list<T>(&self, list: List, other: impl Fn(Item) -> Option<T>) -> (Vec<LitStr>, Vec<T>) {
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
