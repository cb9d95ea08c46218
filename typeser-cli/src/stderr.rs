//! Messages on standard error. They may name what a savepoint, a path or a file contains, so nothing in them controls the
//! terminal or the CI system that reads the log.

use std::fmt;
use std::io::Write as _;

use typeser::text::{clean, without_commands};

/// Writes a message and a line break. If standard error is closed, the exit code still says how the command ended.
pub(crate) fn say(message: impl fmt::Display) {
    drop(writeln!(anstream::stderr(), "{}", harmless(&message.to_string())));
}

/// The message without characters that cannot be seen, and without lines that are commands of a CI system.
fn harmless(message: &str) -> String {
    let lines: Vec<String> = message.split('\n').map(clean).collect();
    without_commands(&lines.join("\n")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn messages_are_text_and_nothing_else() {
        let message = "operator `\u{1b}[31m\u{202e}` is gone\n::error::x\n  ##[error]y\nhelp: a";
        let expected = "operator `\\u{1b}[31m\\u{202e}` is gone\n\\u{3a}:error::x\n  \\u{23}#[error]y\nhelp: a";
        assert_eq!(harmless(message), expected);
    }
}
