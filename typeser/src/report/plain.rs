//! Messages as plain text, drawn without help: for builds without the feature `rich`.

#![cfg_attr(feature = "rich", allow(dead_code, reason = "the other form is drawn; this one is kept compiled"))]

use std::fmt::Write as _;
use std::ops::Range;

use super::telling::{Message, Title, View};
use super::text::{WIDTH, wrap};

/// Draws messages, with an empty line between them.
pub(super) fn draw(messages: &[Message]) -> String {
    let drawn: Vec<String> = messages.iter().map(message).collect();
    drawn.join("\n")
}

fn message(message: &Message) -> String {
    let mut text = String::new();
    let rule = message.rule.map(|rule| format!("[{rule}]")).unwrap_or_default();
    _ = writeln!(text, "{}{rule}: {}", message.level, message.title);
    for (number, view) in message.views.iter().enumerate() {
        let arrow = if number == 0 { "-->" } else { ":::" };
        match view {
            View::Place(place) => _ = writeln!(text, "  {arrow} {place}"),
            View::Code { title, text: code, context, mark, label, primary } => {
                match title {
                    Some(Title::File { name, line }) => {
                        let column = code[..mark.start].chars().count() + 1;
                        _ = writeln!(text, "  {arrow} {name}:{line}:{column}");
                    }
                    Some(Title::Words(words)) => _ = writeln!(text, "  {arrow} {words}"),
                    None => {}
                }
                excerpt(&mut text, code, context, mark, label, if *primary { '^' } else { '-' });
            }
        }
    }
    for note in &message.notes {
        let indent = note.name.len() + 2;
        let lines = note.lines.iter().flat_map(|line| wrap(line, WIDTH.saturating_sub(indent + 5)));
        for (number, line) in lines.enumerate() {
            match number {
                0 => _ = writeln!(text, "   = {}: {line}", note.name),
                _ => _ = writeln!(text, "     {:indent$}{line}", ""),
            }
        }
    }
    for help in &message.helps {
        _ = writeln!(text, "help: {}", help.text);
        help.code.iter().flat_map(|code| code.lines()).for_each(|line| _ = writeln!(text, "   |     {line}"));
    }
    text
}

/// The lines with a mark or context, and `...` where lines between them are left out.
fn excerpt(text: &mut String, code: &str, context: &[Range<usize>], mark: &Range<usize>, label: &str, line_of: char) {
    let mut begin = 0;
    let mut skipped = false;
    let mut any = false;
    for line in code.split('\n') {
        let end = begin + line.len();
        let is_marked = (begin..=end).contains(&mark.start);
        if is_marked || context.iter().any(|range| (begin..=end).contains(&range.start)) {
            if skipped && any {
                text.push_str("   | ...\n");
            }
            _ = writeln!(text, "   | {line}");
            (skipped, any) = (false, true);
        } else {
            skipped = true;
        }
        if is_marked {
            let before = code[begin..mark.start].chars().count();
            let width = code[mark.start..mark.end.min(end)].chars().count().max(1);
            let under: String = std::iter::repeat_n(line_of, width).collect();
            _ = writeln!(text, "   | {:before$}{under} {label}", "");
        }
        begin = end + 1;
    }
}
