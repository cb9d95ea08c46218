//! Text of a given width in the columns of a terminal: East Asian characters and most emoji take two.

use std::borrow::Cow;
use std::iter::repeat_n;

use unicode_width::UnicodeWidthStr as _;

use super::without_commands;

/// How many columns the text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text with spaces behind it, up to a width.
#[must_use]
pub fn pad(text: &str, columns: usize) -> String {
    let mut padded = text.to_owned();
    padded.extend(repeat_n(' ', columns.saturating_sub(width(text))));
    padded
}

/// The text if it takes at most `columns` columns, else its beginning and `...`.
#[must_use]
pub fn shortened(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    format!("{}...", beginning(text, columns.saturating_sub(3)))
}

/// The text if it takes at most `columns` columns, else its beginning and its end with `...` between them.
#[must_use]
pub fn middle(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let begin = beginning(text, columns / 3);
    let end = end(text, columns.saturating_sub(3 + columns / 3));
    format!("{begin}...{end}")
}

/// The longest beginning of the text that takes at most `columns` columns.
fn beginning(text: &str, columns: usize) -> &str {
    let fits = |at: &usize| width(&text[..*at]) <= columns;
    // Only that many characters can fit, unless they take no column.
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    &text[..ends.take_while(fits).last().unwrap_or(0)]
}

/// The longest end of the text that takes at most `columns` columns.
fn end(text: &str, columns: usize) -> &str {
    let begins = text.char_indices().rev().map(|(at, _)| at);
    let fits = |at: &usize| width(&text[*at..]) <= columns;
    &text[begins.take_while(fits).last().unwrap_or(text.len())..]
}

/// Breaks a text at spaces into lines of at most `columns` columns. Wider words stay whole.
///
/// A text between backquotes is one word, unless it is too wide for a line. No line is a command for a CI system.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    lines(text, [columns, columns], columns)
}

/// As [`wrap()`], as one text that begins in the column `used`. Its other lines are indented by `indent`, and a text
/// between backquotes, such as a command to paste, is never broken.
#[must_use]
pub fn wrap_at(text: &str, columns: usize, used: usize, indent: usize) -> String {
    let lines = lines(text, [columns.saturating_sub(used), columns.saturating_sub(indent)], usize::MAX);
    lines.join(&format!("\n{:indent$}", ""))
}

/// Lines of at most `first` columns and then `others`. Words of more than `widest` columns are broken at spaces.
fn lines(text: &str, [first, others]: [usize; 2], widest: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let (mut used, mut columns) = (0, first);
    let words = words(text).into_iter().flat_map(|word| {
        let parts = if width(word) > widest { word.split(' ').collect() } else { vec![word] };
        parts.into_iter()
    });
    for word in words {
        let wide = width(word);
        if used > 0 && used + 1 + wide > columns {
            lines.push(String::new());
            (used, columns) = (0, others);
        }
        let Some(line) = lines.last_mut() else { break };
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += wide;
    }
    for line in &mut lines {
        if let Cow::Owned(harmless) = without_commands(line) {
            *line = harmless;
        }
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
    // An unpaired backquote must not glue the rest together.
    if quoted { text.split(' ').collect() } else { words }
}

#[cfg(test)]
mod tests {
    use super::{middle, pad, shortened, width, wrap, wrap_at};

    #[test]
    fn lines_are_broken_at_spaces_outside_of_backquotes() {
        for (text, wrapped) in [
            ("one two three four", "one two\n  three\n  four"),
            ("one `two three` four", "one\n  `two three`\n  four"),
            ("one `two 3` four", "one\n  `two 3`\n  four"),
            ("one ` two three", "one ` two\n  three"),
            ("a-word-that-is-wider one", "a-word-that-is-wider\n  one"),
            ("", ""),
            ("one", "one"),
        ] {
            assert_eq!(wrap_at(text, 10, 0, 2), wrapped);
        }
        assert_eq!(wrap("one `two three` four", 10), ["one `two", "three`", "four"]);
        assert_eq!(wrap_at("one two three", 10, 4, 4), "one\n    two\n    three");
    }

    #[test]
    fn columns_are_counted_and_not_characters() {
        assert_eq!(width("abc"), 3);
        assert_eq!(width("\u{72b6}\u{614b}"), 4, "East Asian characters are wide");
        assert_eq!(width("\u{1f980}"), 2, "and so are emoji");
        assert_eq!(width("e\u{301}"), 1, "a combining accent takes no column");
        // Eight characters of two columns each, and a space.
        let text = "\u{72b6}\u{614b}\u{5909}\u{66f4} \u{72b6}\u{614b}\u{5909}\u{66f4}";
        assert_eq!(wrap(text, 16).len(), 2);
        assert_eq!(wrap(text, 17).len(), 1);
        assert_eq!(pad("\u{72b6}\u{614b}", 6), "\u{72b6}\u{614b}  ");
        assert_eq!(pad("wider", 3), "wider");
        assert_eq!(shortened("\u{1f980}\u{1f980}\u{1f980}\u{1f980}", 7), "\u{1f980}\u{1f980}...");
        assert_eq!(shortened("\u{1f980}\u{1f980}", 4), "\u{1f980}\u{1f980}");
        assert_eq!(middle("abcdefghij", 9), "abc...hij");
        assert_eq!(middle("\u{72b6}\u{614b}\u{5909}\u{66f4}\u{72b6}", 9), "\u{72b6}...\u{72b6}");
    }
}
