//! Tokens as people write them, the same under every compiler: paths of functions stand in stored snapshots.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

/// Spaces stand behind commas, around `+`, `=` and `->`, and where two words would run together.
pub(crate) fn spelled(tokens: impl ToTokens) -> String {
    let mut text = String::new();
    write(tokens.into_token_stream(), &mut text);
    text
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
