//! `docs/rules.md` is the rule table, printed.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests say what they mean in their names")]

use std::fmt::Write as _;
use std::path::Path;

use typeser::resolve::{Compatibility, RULES};

/// Set to write the page instead of comparing it.
const WRITE: &str = "TYPESER_WRITE_DOCS";

#[test]
fn the_page_of_rules_is_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rules.md");
    let page = page();
    if std::env::var_os(WRITE).is_some() {
        assert!(std::env::var_os("CI").is_none(), "CI compares the page, it never writes it");
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == page,
        "docs/rules.md is not the rule table any more: run the tests once with {WRITE}=1 and commit it"
    );
}

#[test]
fn every_rule_explains_itself() {
    for rule in RULES {
        for (part, text) in
            [("title", rule.title), ("reason", rule.reason), ("consequence", rule.consequence), ("help", rule.help)]
        {
            assert!(!text.is_empty(), "`{}` has no {part}", rule.id);
            assert!(!text.ends_with('.'), "the {part} of `{}` is put into sentences", rule.id);
        }
    }
    let mut ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), RULES.len(), "ids are unique");
}

fn page() -> String {
    let mut page = String::from(
        "# The rules of the resolver\n\n\
         Generated from the rule table in `typeser/src/resolve/rules.rs`; a test keeps it true.\n\n\
         A verdict is the worst of its findings, and a finding is always of one rule. *Distinct* says whether different\n\
         values stay different under the change: map keys and set elements pass a migration only then.\n",
    );
    for verdict in Compatibility::ALL {
        let title = verdict.to_string();
        let (first, rest) = title.split_at(1);
        _ = write!(
            page,
            "\n## {}{rest}\n\n| rule | what happened | why | what follows | what to do | distinct |\n",
            first.to_uppercase()
        );
        page.push_str("| --- | --- | --- | --- | --- | --- |\n");
        for rule in RULES.iter().filter(|rule| rule.verdict == verdict) {
            let distinct = if rule.injective { "yes" } else { "no" };
            let loses = if rule.loses { " **Loses data, by declaration.**" } else { "" };
            _ = writeln!(
                page,
                "| `{}` | {} | {} | {}{loses} | {} | {distinct} |",
                rule.id, rule.title, rule.reason, rule.consequence, rule.help
            );
        }
    }
    page
}
