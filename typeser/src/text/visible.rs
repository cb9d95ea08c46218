//! Text from elsewhere, such as a name in a foreign snapshot, must not steer a terminal, begin a line, or be taken for a
//! command by a CI system that reads the log.

use std::borrow::Cow;

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

/// Lines with the same text, in which none is a command for a CI system: those of GitHub (`::error::`), Azure Pipelines
/// (`##[error]`, `##vso[task.complete]`) and TeamCity (`##teamcity[..]`) begin a line, after any white space. The first
/// character of such a line is escaped.
#[must_use]
pub fn without_commands(text: &str) -> Cow<'_, str> {
    if !text.split('\n').any(is_command) {
        return Cow::Borrowed(text);
    }
    let lines = text.split('\n').map(|line| {
        if !is_command(line) {
            return line.to_owned();
        }
        let at = line.len() - line.trim_start().len();
        let (space, command) = line.split_at(at);
        let mut escaped = space.to_owned();
        let mut characters = command.chars();
        escaped.extend(characters.next().into_iter().flat_map(char::escape_unicode));
        escaped + characters.as_str()
    });
    Cow::Owned(lines.collect::<Vec<_>>().join("\n"))
}

fn is_command(line: &str) -> bool {
    let line = line.trim_start();
    let of_hashes = |rest: &str| rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric()).starts_with('[');
    line.starts_with("::") || line.strip_prefix("##").is_some_and(of_hashes)
}

/// A JSON document in which characters that cannot be seen are escaped. Those that JSON allows outside of strings are
/// left alone.
#[must_use]
pub fn json_without_unseen(document: &str) -> Cow<'_, str> {
    let is_hidden = |c: char| is_unseen(c) && !matches!(c, '\n' | '\r' | '\t');
    if !document.contains(is_hidden) {
        return Cow::Borrowed(document);
    }
    let mut escaped = String::with_capacity(document.len() + 16);
    for c in document.chars() {
        match is_hidden(c) {
            true => escaped.push_str(&format!("\\u{:04x}", u32::from(c))),
            false => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

/// Control characters, and those that separate lines or turn the direction of text. A fixed list, not Unicode's.
#[must_use]
pub const fn is_unseen(c: char) -> bool {
    matches!(c, '\0'..='\x1F' | '\x7F'..='\u{9F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::{json_without_unseen, without_commands};

    #[test]
    fn no_line_is_a_command_of_a_ci_system() {
        for (text, expected) in [
            ("a ::error::b", "a ::error::b"),
            ("::error::b", "\\u{3a}:error::b"),
            ("a\n  ::add-mask::b\nc", "a\n  \\u{3a}:add-mask::b\nc"),
            ("##[error]b", "\\u{23}#[error]b"),
            ("\u{a0}##vso[task.complete]b", "\u{a0}\\u{23}#vso[task.complete]b"),
            ("##teamcity[b]", "\\u{23}#teamcity[b]"),
            ("## A heading\n#[state(skip)]\n: a", "## A heading\n#[state(skip)]\n: a"),
        ] {
            assert_eq!(without_commands(text), expected);
        }
    }

    #[test]
    fn json_keeps_its_meaning() {
        assert_eq!(json_without_unseen("{\n \"a\": \"\u{202e}b\u{7f}\"}\n"), "{\n \"a\": \"\\u202eb\\u007f\"}\n");
    }
}
