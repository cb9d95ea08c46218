//! Renders messages as plain text, for builds without the feature `rich`.

#![cfg_attr(feature = "rich", allow(dead_code, reason = "the other form is drawn; this one is kept compiled"))]

use std::fmt::Write as _;

use super::messages::{Message, Place, View};
use crate::text::{width, wrap};

/// Renders messages with empty lines between them, `width` columns wide where names allow it.
pub(super) fn draw(messages: &[Message], width: usize) -> String {
    let drawn: Vec<String> = messages.iter().map(|one| message(one, width)).collect();
    drawn.join("\n")
}

fn message(message: &Message, width: usize) -> String {
    let mut text = String::new();
    let rule = message.rule.map(|rule| format!("[{rule}]")).unwrap_or_default();
    let named = message.level.word().len() + rule.len() + 2;
    let title = wrap(&message.title, width - named.min(width * 2 / 3)).join(&format!("\n{:named$}", ""));
    _ = writeln!(text, "{}{rule}: {title}", message.level);
    let is_seen = message.views.first().is_some_and(|view| matches!(view.place, Place::File { .. }));
    if let Some(at) = message.location.filter(|_| !is_seen) {
        _ = writeln!(text, "  --> {}:{}:{}", at.file, at.line, at.column);
    }
    for view in &message.views {
        if let Some(title) = &view.title {
            _ = writeln!(text, "note: {title}");
        }
        if let Place::File { name, line } = &view.place {
            let column = view.text[..view.mark.start].chars().count() + 1;
            _ = writeln!(text, "  --> {name}:{line}:{column}");
        }
        excerpt(&mut text, view);
    }
    for note in &message.notes {
        let indent = note.name.len() + 2;
        let lines = note.lines.iter().flat_map(|line| wrap(line, width.saturating_sub(indent + 5)));
        for (number, line) in lines.enumerate() {
            match number {
                0 => _ = writeln!(text, "   = {}: {line}", note.name),
                _ => _ = writeln!(text, "     {:indent$}{line}", ""),
            }
        }
    }
    for help in &message.helps {
        _ = writeln!(text, "help: {}", wrap(&help.text, width - "help: ".len()).join("\n      "));
        help.code.iter().flat_map(|code| code.lines()).for_each(|line| _ = writeln!(text, "   |     {line}"));
    }
    text
}

/// The lines with a mark or context, and `...` where lines between them are left out.
fn excerpt(text: &mut String, view: &View) {
    let View { text: code, context, mark, label, primary, .. } = view;
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
            let before = width(&code[begin..mark.start]);
            let wide = width(&code[mark.start..mark.end.min(end)]).max(1);
            let under = if *primary { "^" } else { "-" }.repeat(wide);
            _ = writeln!(text, "   | {:before$}{under} {label}", "");
        }
        begin = end + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::draw;
    use crate::report::Report;
    use crate::report::messages::messages;
    use crate::resolve::{Policy, Role, resolve};
    use crate::snapshot::SerializerSnapshot;

    fn order(version: u32, fields: &str) -> SerializerSnapshot {
        let text = format!(
            "typeser-snapshot 1\nname Order\nversion {version}\nintegers fixed\nroot Order\n\n\
             struct Order v{version}\n{fields}"
        );
        SerializerSnapshot::from_text(&text).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_report_is_drawn_without_the_renderer() {
        let padding: String = (0..8).map(|number| format!("  field{number} bool\n")).collect();
        let stored = order(1, &format!("{padding}  note string\n"));
        let new = order(2, &format!("{padding}  id option<u64>\n"));
        let report = Report::new("state `orders`", &resolve(&stored, &new, Role::Value, &Policy::default()));
        let expected = "\
error[field-removed-undeclared]: state `orders` is incompatible: `Order` was stored with a field
                                 `note`, which it no longer has
   | struct Order v2
   |        ^^^^^ has no field `note` now
note: stored serializer: Order v1 (15d135cb)
   | struct Order v1
   | ...
   |   note string
   |   ---- this field was stored
   = path: value.note
   = cause: a stored field is missing from the new type; the new type does not declare it as removed
            or renamed
   = consequence: its stored values would be lost without notice, so nothing is read
   = witness: the smallest stored value that is affected:
              `Order { field0: false, field1: false, field2: false, field3: false, field4: false,
              field5: false, field6: false, field7: false, note: \"\" }`
              bytes 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
   = new serializer: Order v2 (ebc8bee9)
   = finding: 904bcd3401c8091f
help: if new fields hold what removed ones held, declare a function from version 1
   |     #[state(version = 2, migrate(1 => from_stored))]
   |     struct Order { .. }
   |     
   |     #[state(name = \"Order\")]
   |     struct OrderV1 { .. }
   |     
   |     fn from_stored(old: OrderV1) -> Order { .. }
help: declare that the stored values of `note` are dropped
   |     #[state(removed(\"note\"))]
   |     struct Order { .. }
help: keep the field `note`

note: other changes in state `orders`, which would be accepted on their own
   = change: requires migration [option-field-added] value.id: `Order` has a new field `id`; it
             becomes `None`
";
        assert_eq!(draw(&messages(&[&report]), 100), expected);
    }
}
