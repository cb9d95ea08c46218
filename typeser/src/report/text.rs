//! Words on lines: no control characters, no line too wide.

use crate::schema::is_unseen;

/// How wide a report is if nothing is said, where names allow it.
pub(super) const WIDTH: usize = 100;
/// Below that, words would stand alone on their lines.
pub(super) const NARROWEST: usize = 40;

/// The text without characters that cannot be seen: a name from a foreign snapshot must not steer a terminal.
pub(super) fn clean(text: &str) -> String {
    if !text.chars().any(is_unseen) {
        return text.to_owned();
    }
    let mut cleaned = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_unseen(c) {
            cleaned.extend(c.escape_unicode());
        } else {
            cleaned.push(c);
        }
    }
    cleaned
}

/// The text with so many characters at most, what is too much taken from its middle.
pub(super) fn middle(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let (head, tail) = (most / 3, most - most / 3 - 3);
    let begin: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(count - tail).collect();
    format!("{begin}...{end}")
}

/// Breaks a text at spaces, so that lines are at most so wide; words that are wider stay whole.
///
/// What stands between backquotes is one word, unless it is too wide for a line.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    let words = words(text).into_iter().flat_map(|word| {
        let parts = if word.chars().count() > width { word.split(' ').collect() } else { vec![word] };
        parts.into_iter()
    });
    for word in words {
        let wide = word.chars().count();
        if used > 0 && used + 1 + wide > width {
            lines.push(String::new());
            used = 0;
        }
        let Some(line) = lines.last_mut() else { break };
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += wide;
    }
    lines
}

fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut begin, mut quoted) = (0, false);
    for (at, c) in text.char_indices() {
        match c {
            '`' => quoted = !quoted,
            ' ' if !quoted => {
                words.push(&text[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    words.push(&text[begin..]);
    // A backquote too many must not glue the rest together.
    if quoted { text.split(' ').collect() } else { words }
}

/// At most so many characters.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most.saturating_sub(3)).collect();
    short.push_str("...");
    short
}
