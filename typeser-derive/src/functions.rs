//! Reads the attributes that name functions of the program: `convert(u32, with = path)` and `migrate(1 => path)`, both
//! perhaps with `injective`.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Expr, ExprPath, Ident, Lit, Token, Type};

use crate::arguments::Number;
use crate::ctxt::Ctxt;
use crate::symbol::{INJECTIVE, WITH};
use crate::tokens::{as_rust, bare, literal};

/// `convert(u32, with = path, injective)`.
pub(crate) struct Conversion {
    pub(crate) word: Ident,
    pub(crate) source: Type,
    pub(crate) function: Function,
    pub(crate) injective: bool,
}

/// `1 => path` or `1 => path, injective` in `migrate(...)`.
pub(crate) struct Migration {
    pub(crate) word: Ident,
    pub(crate) from: Number,
    pub(crate) function: Function,
    /// The word `injective` behind the function.
    pub(crate) injective: Option<Ident>,
}

/// The path of a function.
pub(crate) struct Function {
    pub(crate) path: ExprPath,
}

impl Function {
    /// The path as snapshots contain it.
    pub(crate) fn as_rust(&self) -> String {
        as_rust(&self.path)
    }

    /// The span of the name of the function. Stable compilers give no span for the whole path.
    pub(crate) fn span(&self) -> Span {
        self.path.path.segments.last().map_or_else(Span::call_site, |last| last.ident.span())
    }
}

/// Reads the arguments of `convert`. An error goes to `cx`.
pub(crate) fn conversion(cx: &Ctxt, word: &Ident, arguments: TokenStream) -> Option<Conversion> {
    let read = |input: ParseStream<'_>| read_conversion(word, input);
    read.parse2(arguments).map_err(|error| cx.push(error)).ok()
}

/// Reads the arguments of `migrate`. An error goes to `cx`.
pub(crate) fn migrations(cx: &Ctxt, word: &Ident, arguments: TokenStream) -> Vec<Migration> {
    let read = |input: ParseStream<'_>| {
        let mut migrations: Vec<Migration> = Vec::new();
        while !input.is_empty() {
            match injective(input) {
                Some(injective) => read_injective(migrations.last_mut(), injective, input)?,
                None => migrations.push(read_migration(word, input)?),
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(migrations)
    };
    read.parse2(arguments).map_err(|error| cx.push(error)).unwrap_or_default()
}

fn read_conversion(word: &Ident, input: ParseStream<'_>) -> syn::Result<Conversion> {
    if input.peek(Ident::peek_any) && input.peek2(Token![=]) {
        return Err(input.error("the stored type has to come first: write `convert(u32, with = path)`"));
    }
    if let Ok(text) = input.fork().parse::<syn::LitStr>() {
        let message =
            format!("the stored type is written without quotes: write `convert({}, with = path)`", text.value());
        return Err(Error::new(text.span(), message));
    }
    let first = input.span();
    let source: Type = input
        .parse()
        .map_err(|_| Error::new(first, "expected the type that was stored: write `convert(u32, with = path)`"))?;
    let source = bare(&source).clone();
    let (mut function, mut injective) = (None, false);
    while !input.is_empty() {
        if !input.peek(Token![,]) {
            return Err(input.error(format!("write `convert({}, with = path)`", as_rust(&source))));
        }
        input.parse::<Token![,]>()?;
        if input.is_empty() {
            break;
        }
        if let Some(path) = lone_path(input) {
            return Err(Error::new_spanned(
                &path,
                format!("the function needs the word `with`: write `with = {}`", as_rust(&path)),
            ));
        }
        let name = input.call(Ident::parse_any)?;
        let twice = || Error::new(name.span(), format!("`{name}` is given twice: remove one of the two"));
        if name == WITH {
            if !input.peek(Token![=]) {
                return Err(Error::new(name.span(), "`with` needs a function: write `with = path`"));
            }
            input.parse::<Token![=]>()?;
            if function.replace(read_function(name.span(), input)?).is_some() {
                return Err(twice());
            }
        } else if name == INJECTIVE {
            if !input.is_empty() && !input.peek(Token![,]) {
                return Err(Error::new(name.span(), "`injective` takes no value: write `injective` alone"));
            }
            if std::mem::replace(&mut injective, true) {
                return Err(twice());
            }
        } else {
            let message = format!("unknown argument `{name}`: `convert` takes `with = path` and `injective`");
            return Err(Error::new(name.span(), message));
        }
    }
    let Some(function) = function else {
        let message = format!(
            "the function that converts the stored value is missing: write `convert({}, with = path)`",
            as_rust(&source)
        );
        return Err(Error::new_spanned(source, message));
    };
    Ok(Conversion { word: word.clone(), source, function, injective })
}

/// A path where a word with an argument was expected.
fn lone_path(input: ParseStream<'_>) -> Option<ExprPath> {
    let rest = input.fork();
    let path: ExprPath = rest.parse().ok()?;
    let known = [WITH, INJECTIVE].iter().any(|word| path.path.is_ident(word));
    (!known && (rest.is_empty() || rest.peek(Token![,]))).then_some(path)
}

/// The word `injective` where a version could be.
fn injective(input: ParseStream<'_>) -> Option<Ident> {
    input.fork().call(Ident::parse_any).ok().filter(|word| word == INJECTIVE)
}

/// Reads `injective`, which belongs to the function before it.
fn read_injective(before: Option<&mut Migration>, word: Ident, input: ParseStream<'_>) -> syn::Result<()> {
    input.call(Ident::parse_any)?;
    let error = |message| Err(Error::new(word.span(), message));
    if !input.is_empty() && !input.peek(Token![,]) {
        return error("`injective` takes no value: write `injective` alone");
    }
    let Some(migration) = before else {
        return error("`injective` belongs behind the function: write `migrate(1 => path, injective)`");
    };
    if migration.injective.is_some() {
        return error("`injective` is given twice: remove one of the two");
    }
    migration.injective = Some(word);
    Ok(())
}

fn read_migration(word: &Ident, input: ParseStream<'_>) -> syn::Result<Migration> {
    const USAGE: &str = "the version that the function reads is missing: write `migrate(1 => path)`";
    if input.peek(Token![=>]) {
        return Err(input.error(USAGE));
    }
    let version: Expr = input.parse()?;
    let original = version.to_token_stream();
    let value = match literal(&version) {
        Some(Lit::Int(number)) if number.suffix().is_empty() => number.base10_parse::<u32>().ok().filter(|n| *n > 0),
        Some(Lit::Int(number)) => {
            let (digits, suffix) = (number.base10_digits(), number.suffix());
            return Err(Error::new_spanned(&version, format!("leave out `{suffix}`: write `{digits} => path`")));
        }
        Some(Lit::Str(text)) if text.value().parse::<u32>().is_ok() => {
            let message = format!("a version is a number without quotes: write `{} => path`", text.value());
            return Err(Error::new_spanned(&version, message));
        }
        _ if !input.peek(Token![=>]) => return Err(Error::new_spanned(version, USAGE)),
        _ => None,
    };
    let Some(value) = value else {
        let message = format!("versions count from 1 to {}: write `migrate(1 => path)`", u32::MAX);
        return Err(Error::new_spanned(version, message));
    };
    if !input.peek(Token![=>]) {
        return Err(Error::new_spanned(
            version,
            format!("the function that reads this version is missing: write `{value} => path`"),
        ));
    }
    let arrow: Token![=>] = input.parse()?;
    let function = read_function(arrow.spans[0], input)?;
    Ok(Migration { word: word.clone(), from: Number { value, original }, function, injective: None })
}

/// Reads the path of a function after `before`.
pub(crate) fn read_function(before: Span, input: ParseStream<'_>) -> syn::Result<Function> {
    if input.is_empty() || input.peek(Token![,]) {
        return Err(Error::new(before, "expected the path of a function after this"));
    }
    let value: Expr = input.parse()?;
    let message = match bare_expression(&value) {
        Expr::Path(path) => return Ok(Function { path: path.clone() }),
        Expr::Call(call) => {
            format!("name the function without calling it: write `{}`", as_rust(&call.func))
        }
        Expr::Closure(_) => {
            "a closure has no name that a snapshot could contain: write a function, and its path here".to_owned()
        }
        Expr::Lit(text) => match &text.lit {
            Lit::Str(text) => format!("the path of a function is written without quotes: write `{}`", text.value()),
            _ => "this is not the path of a function".to_owned(),
        },
        _ => "this is not the path of a function".to_owned(),
    };
    Err(Error::new_spanned(value, message))
}

/// The expression without parentheses around it, visible or invisible.
fn bare_expression(value: &Expr) -> &Expr {
    match value {
        Expr::Group(group) => bare_expression(&group.expr),
        Expr::Paren(paren) => bare_expression(&paren.expr),
        value => value,
    }
}
