//! Finds a field or variant in the source of a type, by reading tokens from the type's name on.
//!
//! No parser of Rust: what it does not understand (types that macros write, names that attributes give) it does not
//! find.

use std::ops::Range;

/// The member of a declaration to find.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member<'a> {
    pub(super) variant: Option<&'a str>,
    pub(super) field: Option<&'a str>,
}

/// A member in the text: its name, and its type if it is a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) name: Range<usize>,
    pub(super) ty: Option<Range<usize>>,
}

/// Finds a member of the type whose name is at `at`.
pub(super) fn find(source: &str, at: usize, member: Member<'_>) -> Option<Found> {
    let tokens = tokens(source, at);
    let mut items = items(source, &tokens, body(source, &tokens)?);
    if let Some(variant) = member.variant {
        let found = items.into_iter().find(|item| item.named(source, variant))?;
        if member.field.is_none() {
            return Some(Found { name: found.name?, ty: None });
        }
        items = self::items(source, &tokens, found.body?);
    }
    let field = member.field?;
    let by_place = field.parse::<usize>().ok();
    let (_, item) = items
        .into_iter()
        .enumerate()
        .find(|(place, item)| if item.is_tuple { by_place == Some(*place) } else { item.named(source, field) })?;
    let name = item.name.clone().or_else(|| item.ty.clone())?;
    Some(Found { name, ty: item.ty })
}

/// The token that opens the body: behind the name and its generics, or behind a `where` clause.
fn body(source: &str, tokens: &[Token]) -> Option<usize> {
    let mut angles = 0usize;
    let mut bounds = false;
    for (at, token) in tokens.iter().enumerate() {
        match (token.kind, source.get(token.range.clone())?) {
            (Kind::Other('<'), _) => angles += 1,
            (Kind::Other('>'), _) => angles = angles.saturating_sub(1),
            (Kind::Word, "where") => bounds = true,
            (Kind::Open, "{") if angles == 0 => return Some(at),
            (Kind::Open, "(") if angles == 0 && !bounds => return Some(at),
            (Kind::End, _) => return None,
            _ => {}
        }
    }
    None
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    /// `{`, `(`, `[`
    Open,
    /// `}`, `)`, `]`
    Close,
    /// `;`
    End,
    Other(char),
}

#[derive(Debug, Clone)]
struct Token {
    kind: Kind,
    range: Range<usize>,
}

/// The tokens between two commas of a declaration.
#[derive(Debug, Default)]
struct Item {
    name: Option<Range<usize>>,
    ty: Option<Range<usize>>,
    /// The token that opens the payload of a variant.
    body: Option<usize>,
    is_tuple: bool,
}

impl Item {
    fn named(&self, source: &str, name: &str) -> bool {
        self.name.clone().and_then(|range| source.get(range)).is_some_and(|word| word.trim_start_matches("r#") == name)
    }
}

/// The items between the bracket at `open` and the one that closes it.
fn items(source: &str, tokens: &[Token], open: usize) -> Vec<Item> {
    let is_tuple = tokens.get(open).and_then(|token| source.get(token.range.clone())) == Some("(");
    let (mut depth, mut angles) = (0usize, 0usize);
    let mut items = Vec::new();
    let mut begin = open + 1;
    for (at, token) in tokens.iter().enumerate().skip(open + 1) {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close if depth == 0 => {
                items.extend(item(source, tokens, begin..at, is_tuple));
                break;
            }
            Kind::Close => depth -= 1,
            Kind::Other('<') => angles += 1,
            Kind::Other('>') => angles = angles.saturating_sub(1),
            Kind::Other(',') if depth == 0 && angles == 0 => {
                items.extend(item(source, tokens, begin..at, is_tuple));
                begin = at + 1;
            }
            _ => {}
        }
    }
    items
}

fn item(source: &str, tokens: &[Token], mut range: Range<usize>, is_tuple: bool) -> Option<Item> {
    let word = |at: usize| tokens.get(at).and_then(|token| source.get(token.range.clone())).unwrap_or_default();
    // Attributes and visibility.
    loop {
        match word(range.start) {
            "#" => range.start = closing(tokens, range.start + 1)? + 1,
            "pub" if word(range.start + 1) == "(" => range.start = closing(tokens, range.start + 1)? + 1,
            "pub" => range.start += 1,
            _ => break,
        }
    }
    let first = tokens.get(range.start).filter(|_| !range.is_empty())?.range.clone();
    let last = tokens.get(range.end.checked_sub(1)?)?.range.end;
    if is_tuple {
        return Some(Item { ty: Some(first.start..last), is_tuple, ..Item::default() });
    }
    let behind = range.start + 1;
    Some(match word(behind) {
        ":" if behind + 1 < range.end => {
            let ty = tokens.get(behind + 1)?.range.start..last;
            Item { name: Some(first), ty: Some(ty), ..Item::default() }
        }
        "{" | "(" => Item { name: Some(first), body: Some(behind), ..Item::default() },
        _ => Item { name: Some(first), ..Item::default() },
    })
}

/// The token that closes the bracket at this one.
fn closing(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The tokens from a place on to the end of the declaration; comments and literals are none.
fn tokens(source: &str, from: usize) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = from;
    let mut depth = 0usize;
    while let Some(rest) = source.get(at..)
        && let Some(c) = rest.chars().next()
    {
        let length = match c {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' => literal(rest),
            '\'' => match rest.char_indices().nth(2) {
                // A character; anything else is a lifetime.
                Some((end, '\'')) => end + 1,
                _ if rest.starts_with("'\\") => rest[2..].find('\'').map_or(rest.len(), |end| end + 3),
                _ => 1,
            },
            _ => c.len_utf8(),
        };
        let is_word = c.is_alphanumeric() || c == '_';
        let length = if is_word { word(rest) } else { length };
        let kind = match c {
            '{' | '(' | '[' => Some(Kind::Open),
            '}' | ')' | ']' => Some(Kind::Close),
            ';' => Some(Kind::End),
            _ if is_word => Some(Kind::Word),
            '"' | '\'' | '/' => None,
            // The arrow of a function is no bracket.
            '>' if tokens.last().is_some_and(|last| last.kind == Kind::Other('-') && last.range.end == at) => None,
            c if c.is_whitespace() => None,
            c => Some(Kind::Other(c)),
        };
        if let Some(kind) = kind {
            tokens.push(Token { kind, range: at..at + length });
            match kind {
                Kind::Open => depth += 1,
                Kind::Close if depth <= 1 && c == '}' => break,
                Kind::Close => depth = depth.saturating_sub(1),
                Kind::End if depth == 0 => break,
                _ => {}
            }
        }
        at += length.max(1);
    }
    tokens
}

/// How long a word is, `r#` included.
fn word(text: &str) -> usize {
    let raw = if text.starts_with("r#") { 2 } else { 0 };
    raw + text[raw..].find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len() - raw)
}

/// How long a string literal is.
fn literal(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::{Member, find};

    const SOURCE: &str = r#"
        pub struct Order<'a, T = u8> where T: Fn(u8) -> u8 {
            /// note: not this one
            #[state(default = "note: nor this, }")]
            pub(crate) id: HashMap<u32, Vec<(T, [u8; 3])>>, // note: u8
            r#type: &'a str,
            pub note: Option<fn(u8) -> u8>
        }
        enum Status { Open, #[state(tag = 4)] Sent { by: String, at: u64 } , Lost(u8, Vec<u16>), Gone = 7 }
        struct Pair(pub u8, #[state(skip)] Vec<(u8, u8)>);
        struct Unit;
        struct After { note: u8 }
    "#;

    #[test]
    fn members_are_found_by_name_and_by_place() {
        let found = |ty: &str, variant, field| {
            let at = SOURCE.find(&format!(" {ty}")).unwrap() + 1;
            match find(SOURCE, at, Member { variant, field }) {
                Some(found) => format!("{} / {}", &SOURCE[found.name], found.ty.map_or("-", |ty| &SOURCE[ty])),
                None => "nothing".to_owned(),
            }
        };
        assert_eq!(found("Order", None, Some("id")), "id / HashMap<u32, Vec<(T, [u8; 3])>>");
        assert_eq!(found("Order", None, Some("type")), "r#type / &'a str");
        assert_eq!(found("Order", None, Some("note")), "note / Option<fn(u8) -> u8>");
        assert_eq!(found("Order", None, Some("gone")), "nothing");
        assert_eq!(found("Status", Some("Open"), None), "Open / -");
        assert_eq!(found("Status", Some("Sent"), Some("at")), "at / u64");
        assert_eq!(found("Status", Some("Lost"), Some("1")), "Vec<u16> / Vec<u16>");
        assert_eq!(found("Status", Some("Gone"), None), "Gone / -");
        assert_eq!(found("Status", Some("Gone"), Some("0")), "nothing");
        assert_eq!(found("Pair", None, Some("1")), "Vec<(u8, u8)> / Vec<(u8, u8)>");
        assert_eq!(found("Unit", None, Some("note")), "nothing");
    }
}
