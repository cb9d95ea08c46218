//! The tokens of a Rust file with their lines: enough to find attributes and what follows them.

/// A word, a text or a sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    /// The line, from 1.
    pub(super) line: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// An identifier or keyword, without `r#`.
    Word(&'a str),
    /// A string with its simple escapes resolved.
    Text(String),
    /// Any other sign; numbers, characters and lifetimes are left out.
    Sign(char),
}

/// Reads what it can: what is no Rust gives tokens as well, and ends somewhere.
pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer { source, offset: 0, line: 1, tokens: Vec::new() };
    while lexer.step() {}
    lexer.tokens
}

struct Lexer<'a> {
    source: &'a str,
    offset: usize,
    line: usize,
    tokens: Vec<Token<'a>>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.offset..]
    }

    fn skip(&mut self, length: usize) -> &'a str {
        let (skipped, _) = self.rest().split_at(length);
        self.offset += length;
        self.line += skipped.bytes().filter(|byte| *byte == b'\n').count();
        skipped
    }

    fn push(&mut self, kind: Kind<'a>, line: usize) {
        self.tokens.push(Token { kind, line });
    }

    /// Takes one token or what lies between; false at the end.
    fn step(&mut self) -> bool {
        let (rest, line) = (self.rest(), self.line);
        let Some(first) = rest.chars().next() else { return false };
        if rest.starts_with("//") {
            self.skip(rest.find('\n').unwrap_or(rest.len()));
        } else if rest.starts_with("/*") {
            self.skip(comment(rest));
        } else if let Some((length, text)) = string(rest) {
            self.skip(length);
            self.push(Kind::Text(text), line);
        } else if first == '\'' {
            self.skip(quoted_character(rest));
        } else if first.is_ascii_digit() {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            self.skip(length);
        } else if first == '_' || first.is_alphabetic() {
            let raw = if rest.starts_with("r#") { 2 } else { 0 };
            let end = rest[raw..].find(|c: char| !c.is_alphanumeric() && c != '_').map_or(rest.len(), |end| raw + end);
            let word = self.skip(end);
            self.push(Kind::Word(&word[raw..]), line);
        } else {
            self.skip(first.len_utf8());
            if !first.is_whitespace() {
                self.push(Kind::Sign(first), line);
            }
        }
        true
    }
}

/// The length of a comment, with those inside it.
fn comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0usize, 0);
    let bytes = rest.as_bytes();
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") if depth == 1 => return at + 2,
            Some(b"*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    rest.len()
}

/// The length of the string literal of any kind that begins here, and its contents.
fn string(rest: &str) -> Option<(usize, String)> {
    let prefix = ["br", "cr", "b", "c", "r", ""].into_iter().find(|prefix| {
        let behind = rest.strip_prefix(prefix);
        behind.is_some_and(|behind| match prefix.ends_with('r') {
            true => behind.trim_start_matches('#').starts_with('"'),
            false => behind.starts_with('"'),
        })
    })?;
    if prefix.ends_with('r') {
        let hashes = rest[prefix.len()..].bytes().take_while(|byte| *byte == b'#').count();
        let begin = prefix.len() + hashes + 1;
        let end = format!("\"{}", "#".repeat(hashes));
        let length = rest[begin..].find(&end).unwrap_or(rest.len() - begin);
        return Some(((begin + length + end.len()).min(rest.len()), rest[begin..begin + length].to_owned()));
    }
    let begin = prefix.len() + 1;
    let mut text = String::new();
    let mut characters = rest[begin..].char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return Some((begin + at + 1, text)),
            '\\' => match characters.next() {
                Some((_, 'n')) => text.push('\n'),
                Some((_, c @ ('"' | '\\' | '\''))) => text.push(c),
                Some((_, 'u')) => text.extend(code_point(&mut characters)),
                _ => {}
            },
            c => text.push(c),
        }
    }
    Some((rest.len(), text))
}

fn code_point(characters: &mut std::str::CharIndices<'_>) -> Option<char> {
    let digits: String = characters.map(|(_, c)| c).skip_while(|c| *c == '{').take_while(|c| *c != '}').collect();
    char::from_u32(u32::from_str_radix(&digits.replace('_', ""), 16).ok()?)
}

/// The length of a character in quotes, or of a lifetime.
fn quoted_character(rest: &str) -> usize {
    let mut behind = rest.char_indices().skip(1);
    match behind.next() {
        Some((_, '\\')) => {
            // What is escaped may be a quote.
            behind.next();
            behind.find(|(_, c)| *c == '\'').map_or(rest.len(), |(at, _)| at + 1)
        }
        Some((_, _)) => match behind.next() {
            Some((at, '\'')) => at + 1,
            // A lifetime: its name is left to be read as a word, which begins no item.
            _ => 1,
        },
        None => rest.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, tokens};

    fn display(source: &str) -> String {
        let name = |kind: &Kind<'_>| match kind {
            Kind::Word(word) => (*word).to_owned(),
            Kind::Text(text) => format!("{text:?}"),
            Kind::Sign(sign) => sign.to_string(),
        };
        let tokens = tokens(source);
        tokens.iter().map(|token| format!("{}:{}", token.line, name(&token.kind))).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_and_strings_are_not_code() {
        for (source, expected) in [
            ("a // b\nc", "1:a 2:c"),
            ("a /* b /* c */ d */ e", "1:a 1:e"),
            ("/* a /* b */", ""),
            (r#"a "b \" // c" d"#, r#"1:a 1:"b \" // c" 1:d"#),
            ("r#\"a\" b\"# c", "1:\"a\\\" b\" 1:c"),
            ("br##\"a\"# b\"## c", "1:\"a\\\"# b\" 1:c"),
            (r#"b"a" c"b" d"#, r#"1:"a" 1:"b" 1:d"#),
            ("r#struct bread rust", "1:struct 1:bread 1:rust"),
            ("'a' '\\'' 'b '{' x", "1:b 1:x"),
            ("'\\u{1F600}' x", "1:x"),
            ("1_000.5e3 0xffu8 x", "1:. 1:x"),
            ("\"\\u{e9}\\n\\\\\" \"open", "1:\"é\\n\\\\\" 1:\"open\""),
            ("\"two\nlines\" x", "1:\"two\\nlines\" 2:x"),
            ("#[a(b = \"c\")]", "1:# 1:[ 1:a 1:( 1:b 1:= 1:\"c\" 1:) 1:]"),
            ("größe 名前", "1:größe 1:名前"),
        ] {
            assert_eq!(display(source), expected, "{source}");
        }
    }

    #[test]
    fn every_text_comes_to_an_end() {
        for source in ["'", "\"", "r#\"", "r###", "'\\", "/*", "b'", "\\", "\"\\u{", "'\u{1F600}"] {
            tokens(source);
        }
    }
}
