//! Tokens of product code: the words and paths in it, also in the arguments and bodies of macros.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

/// What a piece of code mentions. Comments and strings are not part of it.
#[derive(Default)]
pub(crate) struct Code {
    /// Every identifier that is not the name of a field or method behind a dot.
    pub(crate) words: BTreeSet<String>,
    /// Identifiers behind `::`.
    pub(crate) segments: BTreeSet<String>,
    /// Paths of two or more segments, with their lines. Generic arguments end a path.
    pub(crate) paths: Vec<(Vec<String>, usize)>,
    /// Functions that are called by their names; methods are not among them.
    pub(crate) calls: BTreeSet<String>,
}

impl Code {
    /// The code of a file.
    pub(crate) fn of(file: &syn::File) -> Self {
        let mut code = Self::default();
        code.add(file.to_token_stream());
        code
    }

    pub(super) fn add(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => self.add(group.stream()),
                TokenTree::Ident(first) => {
                    let line = first.span().start().line;
                    let before = Before::of(&tokens[..at]);
                    let mut path = vec![first.to_string()];
                    let mut next = at + 1;
                    while is_path_separator(&tokens, next) {
                        match tokens.get(next + 2) {
                            Some(TokenTree::Ident(segment)) => path.push(segment.to_string()),
                            Some(TokenTree::Group(tree)) if tree.delimiter() == Delimiter::Brace => {
                                self.add_tree(&path, tree.stream(), line);
                                break;
                            }
                            _ => break,
                        }
                        next += 3;
                    }
                    self.add_path(path, line, before, tokens.get(next));
                    at = next;
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
    }

    fn add_path(&mut self, path: Vec<String>, line: usize, before: Before, behind: Option<&TokenTree>) {
        let called = matches!(behind, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis);
        if called && !matches!(before, Before::Dot | Before::Fn) {
            self.calls.extend(path.last().cloned());
        }
        self.words.extend(path.iter().skip(usize::from(before == Before::Dot)).cloned());
        self.segments.extend(path.iter().skip(usize::from(before != Before::Separator)).cloned());
        if path.len() > 1 && matches!(before, Before::Other | Before::Fn) {
            self.paths.push((path, line));
        }
    }

    /// Adds the paths of an import in the body of a macro: `path::{a, b::c}`.
    fn add_tree(&mut self, path: &[String], tree: TokenStream, line: usize) {
        let mut inside = Code::default();
        let tokens: Vec<TokenTree> = tree.into_iter().collect();
        for part in tokens.split(|token| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ',')) {
            if let [TokenTree::Ident(name)] = part {
                inside.segments.insert(name.to_string());
                inside.paths.push((vec![name.to_string()], line));
            } else {
                inside.add(part.iter().cloned().collect());
            }
        }
        self.words.extend(inside.words);
        self.segments.extend(inside.segments);
        for (rest, line) in inside.paths {
            self.paths.push((path.iter().cloned().chain(rest).collect(), line));
        }
    }
}

/// The token before an identifier, which determines what it is.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    /// `.name`: a field or method.
    Dot,
    /// `fn name`: a definition.
    Fn,
    /// `::name`: the rest of a path that began elsewhere.
    Separator,
    /// `'name` or `#name`: a lifetime or a variable of `quote!`.
    Sigil,
    Other,
}

impl Before {
    fn of(tokens: &[TokenTree]) -> Self {
        match tokens {
            [.., TokenTree::Ident(keyword)] if keyword == "fn" => Self::Fn,
            // Of two dots, as in `0..name`, the second one is not the dot of a method.
            [.., TokenTree::Punct(a), TokenTree::Punct(b)] if a.as_char() == '.' && b.as_char() == '.' => Self::Other,
            [.., TokenTree::Punct(punct)] => match punct.as_char() {
                '.' => Self::Dot,
                '\'' | '#' => Self::Sigil,
                ':' if is_path_separator(tokens, tokens.len().saturating_sub(2)) => Self::Separator,
                _ => Self::Other,
            },
            _ => Self::Other,
        }
    }
}

fn is_path_separator(tokens: &[TokenTree], at: usize) -> bool {
    matches!(
        tokens.get(at..at + 2),
        Some([TokenTree::Punct(a), TokenTree::Punct(b)]) if a.as_char() == ':' && b.as_char() == ':'
            && a.spacing() == Spacing::Joint
    )
}
