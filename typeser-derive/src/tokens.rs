//! Helpers for tokens that several steps need.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Expr, ExprLit, Lit, Type};

/// Tokens as Rust source. The text is the same under every compiler, because stored snapshots contain paths of
/// functions.
///
/// Spaces are written after commas, around `+`, `=` and `->`, and where two words would run together.
pub(crate) fn as_rust(tokens: impl ToTokens) -> String {
    let mut text = String::new();
    write(tokens.into_token_stream(), &mut text);
    text
}

/// The type itself, without the invisible or written parentheses that `macro_rules!` and people put around it.
pub(crate) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        ty => ty,
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

fn write(tokens: TokenStream, to: &mut String) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::None => ("", ""),
                };
                to.push_str(open);
                write(group.stream(), to);
                to.push_str(close);
            }
            TokenTree::Punct(punct) => {
                let alone = punct.spacing() == Spacing::Alone;
                match punct.as_char() {
                    letter @ (',' | ';') => to.extend([letter, ' ']),
                    letter @ ('+' | '=') if alone => to.extend([' ', letter, ' ']),
                    '-' if !alone => to.push_str(" -"),
                    '>' if to.ends_with('-') => to.push_str("> "),
                    letter => to.push(letter),
                }
            }
            word => {
                let parted = |last: char| last.is_alphanumeric() || matches!(last, '_' | '>' | ')' | ']' | '}');
                if to.chars().last().is_some_and(parted) {
                    to.push(' ');
                }
                to.push_str(&word.to_string());
            }
        }
    }
}
