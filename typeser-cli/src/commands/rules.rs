//! `typeser rules`: the rule table.

use std::fmt::Write as _;

use serde_json::json;
use typeser::resolve::{RULES, Rule};
use typeser::text::wrap_at;

use crate::choices::word;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::stdout::{print, print_json};
use crate::terminal::line_width_of_stdout;

/// The version of the JSON form.
const JSON_VERSION: u32 = 1;

/// List every rule with its verdict
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser rules
  typeser rules --format json

`typeser explain RULE` explains a rule.")]
pub(crate) struct Arguments {
    /// Output format
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// One line per rule, for people
    Text,
    /// A versioned document, for programs
    Json,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    match arguments.format {
        Format::Text => print(text())?,
        Format::Json => {
            let rules: Vec<_> = RULES.iter().copied().map(of_rule).collect();
            print_json(&json!({ "typeser-rules": JSON_VERSION, "rules": rules }))?;
        }
    }
    Ok(Exit::Fine)
}

/// One rule per line; in a terminal, titles continue in their column.
fn text() -> String {
    const VERDICT: usize = "requires-migration".len();
    let id = RULES.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let columns = line_width_of_stdout().unwrap_or(usize::MAX);
    let indent = id + VERDICT + 4;
    RULES.iter().fold(String::new(), |mut text, rule| {
        let title = wrap_at(rule.title, columns, indent, indent);
        _ = writeln!(text, "{:id$}  {:VERDICT$}  {title}", rule.id, word(rule.verdict));
        text
    })
}

fn of_rule(rule: &Rule) -> serde_json::Value {
    json!({
        "id": rule.id,
        "verdict": word(rule.verdict),
        "title": rule.title,
        "reason": rule.reason,
        "consequence": rule.consequence,
        "help": rule.help,
        "loses": rule.loses,
        "injective": rule.injective,
        "depends_on_data": rule.depends_on_data,
    })
}
