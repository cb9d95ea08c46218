//! Characters that cannot be seen: a name from a foreign snapshot must not steer a terminal or begin a line.

/// The text without characters that cannot be seen, which are escaped.
#[must_use]
pub fn clean(text: &str) -> String {
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

/// Control characters, and those that separate lines or turn the direction of text. A fixed list, not Unicode's.
#[must_use]
pub const fn is_unseen(c: char) -> bool {
    matches!(c, '\0'..='\x1F' | '\x7F'..='\u{9F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}
