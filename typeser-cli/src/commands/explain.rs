//! `typeser explain`: what a rule means, with an example and its repair.

use std::fmt::Write as _;

use typeser::resolve::{RULES, Rule};
use typeser::text::{nearest, wrap_at};

use crate::exit::Exit;
use crate::failure::{Failure, Usage};
use crate::stdout::print;
use crate::terminal::width_of_stdout;

/// A copy of `docs/rules.md`, which a test keeps up to date.
const PAGE: &str = include_str!("rules.md");

/// Explain a rule: what it means, an example, and how to repair it
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser explain field-removed-undeclared
  typeser explain 'error[tuple-vs-concrete]'

`typeser rules` lists all rules.")]
pub(crate) struct Arguments {
    /// The id of the rule, as in `error[RULE]`
    rule: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let rule = find(&arguments.rule)?;
    let mut text = format!("{}\n", rule.id);
    text.push_str(&section(rule.id, width_of_stdout()));
    print(text)?;
    Ok(Exit::Fine)
}

/// The rule of this id, which may be copied from a report with the text around it.
fn find(typed: &str) -> Result<&'static Rule, Usage> {
    let id = match (typed.find('['), typed.strip_suffix(']')) {
        (Some(at), Some(inside)) => &inside[at + 1..],
        _ => typed,
    };
    Rule::by_id(id).ok_or_else(|| {
        let near = nearest(id, RULES.iter().map(|rule| rule.id));
        let near = near.map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
        let named: Vec<&str> = RULES.iter().map(|rule| rule.id).filter(|rule| has_words(rule, id)).collect();
        let named = match named.is_empty() {
            true => String::new(),
            false => format!("\nhelp: rules with `{id}` in their name: {}", named.join(", ")),
        };
        Usage(format!("there is no rule `{id}`{near}{named}\nhelp: `typeser rules` lists all rules"))
    })
}

/// Whether the id of a rule has these words: `field-added` has `field`, but not `add`.
fn has_words(rule: &str, words: &str) -> bool {
    format!("-{rule}-").contains(&format!("-{words}-"))
}

/// The section of a rule in `width` columns. Code is indented instead of fenced, and its lines are not broken.
fn section(rule: &str, width: usize) -> String {
    let mut text = String::new();
    let mut paragraph = String::new();
    let mut block: Option<&str> = None;
    let lines = PAGE.lines().skip_while(|line| line.strip_prefix("### ") != Some(rule)).skip(1);
    for line in lines.take_while(|line| !line.starts_with("## ") && !line.starts_with("### ")) {
        let fence = line.strip_prefix("```");
        if fence.is_some() || line.is_empty() || line.starts_with("- ") || block.is_some() {
            end(&mut paragraph, width, &mut text);
        }
        match (fence, block) {
            (Some(_), Some(_)) => block = None,
            (Some(language), None) => block = Some(language),
            (None, Some("text")) => _ = writeln!(text, "    {}", wrap_at(line, width, 4, 6)),
            (None, Some(_)) if !line.is_empty() => _ = writeln!(text, "    {line}"),
            (None, None) if !line.is_empty() => {
                let space = if paragraph.is_empty() { "" } else { " " };
                _ = write!(paragraph, "{space}{}", line.trim_start());
            }
            (None, _) => text.push('\n'),
        }
    }
    end(&mut paragraph, width, &mut text);
    format!("{}\n", text.trim_end())
}

/// Writes a paragraph or an item of a list, and begins the next one.
fn end(paragraph: &mut String, width: usize, text: &mut String) {
    if !paragraph.is_empty() {
        let indent = if paragraph.starts_with("- ") { 2 } else { 0 };
        _ = writeln!(text, "{}", wrap_at(paragraph, width, 0, indent));
        paragraph.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{RULES, Rule, find, section};

    #[test]
    fn every_rule_has_its_section() {
        for rule in RULES {
            let section = section(rule.id, 80);
            assert!(section.contains(&format!("- Verdict: {}.", rule.verdict)), "{}: {section}", rule.id);
            // No snapshot can show these two: it is refused when it is read.
            let has_example = !["name-clash", "tag-collision"].contains(&rule.id);
            assert_eq!(section.contains("\nStored:\n"), has_example, "{}", rule.id);
            assert!(!section.contains("```"), "{}: {section}", rule.id);
        }
    }

    #[test]
    fn a_rule_is_found_in_the_text_of_a_finding() {
        for typed in ["field-added", "error[field-added]", "[field-added]"] {
            assert_eq!(find(typed).map(|rule| rule.id).map_err(|usage| usage.to_string()), Ok("field-added"));
        }
        assert!(Rule::by_id("field]").is_none() && find("field]").is_err());
    }
}
