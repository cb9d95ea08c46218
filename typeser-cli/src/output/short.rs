//! One line per finding: `path:line:col: level[rule] state / path: message`.

use std::fmt::Write as _;

use typeser::text::clean;

use super::comparison::Comparison;

/// Writes what fails first. The last line is the summary.
pub(super) fn write(comparison: &Comparison) -> String {
    let mut text = String::new();
    for entry in comparison.reported() {
        if let Some(place) = &entry.place {
            let column = place.column.map_or_else(String::new, |column| format!("{column}:"));
            _ = write!(text, "{}:{}:{column} ", clean(&comparison.shown(&place.file)), place.line);
        }
        let path = if entry.path.is_empty() { String::new() } else { format!(" {}", clean(&entry.path)) };
        _ = write!(text, "{}[{}]{path}: {}", entry.level, entry.rule, clean(entry.message));
        if entry.depends_on_data() {
            text.push_str(" (depends on the data)");
        }
        if let Some(routes) = entry.routes() {
            _ = write!(text, " ({})", clean(&routes));
        }
        if let Some(accepted) = entry.accepted {
            _ = write!(text, ", {}", clean(&accepted.words()));
        }
        text.push('\n');
    }
    comparison.remarks.iter().for_each(|remark| _ = writeln!(text, "note: {}", clean(remark)));
    _ = writeln!(text, "{}", clean(&comparison.summary()));
    text
}
