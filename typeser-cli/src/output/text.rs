//! Text for one line: names of others must not control a terminal or start a line.

/// The text with invisible characters escaped.
pub(crate) fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for c in text.chars() {
        if is_invisible(c) { cleaned.extend(c.escape_unicode()) } else { cleaned.push(c) }
    }
    cleaned
}

/// Control characters, and those that separate lines or change the direction of text.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\0'..='\x1F' | '\x7F'..='\u{9F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// The text on lines of at most `width` columns, broken at spaces. It begins in the column `used`; other lines are
/// indented by `indent`. Text between backquotes, such as a command, is not broken.
pub(super) fn wrap(text: &str, width: usize, mut used: usize, indent: usize) -> String {
    let mut wrapped = String::with_capacity(text.len() + 16);
    let (mut word, mut is_quoted) = (String::new(), false);
    let mut put = |word: &mut String| {
        let wide = word.chars().count();
        let is_first = wrapped.is_empty();
        if !is_first && used + 1 + wide > width {
            wrapped.push('\n');
            wrapped.extend(std::iter::repeat_n(' ', indent));
            used = indent;
        } else if !is_first {
            wrapped.push(' ');
            used += 1;
        }
        used += wide;
        wrapped.push_str(word);
        word.clear();
    };
    // An unmatched backquote has no effect.
    let quotes = text.matches('`').count().is_multiple_of(2);
    for c in text.chars() {
        is_quoted ^= c == '`' && quotes;
        if c == ' ' && !is_quoted { put(&mut word) } else { word.push(c) }
    }
    put(&mut word);
    wrapped
}

/// `1 state`, `12 states`.
pub(crate) fn count(number: usize, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {one}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn lines_are_broken_at_spaces_outside_of_backquotes() {
        for (text, wrapped) in [
            ("one two three four", "one two\n  three\n  four"),
            ("one `two three` four", "one\n  `two three`\n  four"),
            ("one ` two three", "one ` two\n  three"),
            ("a-word-that-is-wider one", "a-word-that-is-wider\n  one"),
            ("", ""),
            ("one", "one"),
        ] {
            assert_eq!(wrap(text, 10, 0, 2), wrapped);
        }
        assert_eq!(wrap("one two three", 10, 4, 4), "one\n    two\n    three");
    }
}
