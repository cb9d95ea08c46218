//! `docs/rules.md` is the printed rule table, with the pair of each rule as its example. The command contains a copy of
//! the page, for `typeser explain`.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

use std::fmt::Write as _;
use std::path::Path;

use compat_tests::pairs::{self, Pair, QUESTIONS};
use typeser::resolve::{Compatibility, RULES, Rule};

/// Set to write the page instead of comparing it.
const WRITE: &str = "TYPESER_WRITE_DOCS";

#[test]
fn the_page_of_rules_is_the_table() {
    let page = page();
    for place in ["docs/rules.md", "typeser-cli/src/commands/rules.md"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(place);
        if std::env::var_os(WRITE).is_some() {
            assert!(std::env::var_os("CI").is_none(), "CI compares the page, it never writes it");
            std::fs::write(&path, &page).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == page,
            "{place} no longer matches the rule table and the pairs: run the tests once with {WRITE}=1 and commit it"
        );
    }
}

#[test]
fn every_rule_explains_itself() {
    for rule in RULES {
        for (part, text) in
            [("title", rule.title), ("reason", rule.reason), ("consequence", rule.consequence), ("help", rule.help)]
        {
            assert!(!text.is_empty(), "`{}` has no {part}", rule.id);
            assert!(!text.ends_with('.'), "the {part} of `{}` becomes part of a sentence", rule.id);
        }
    }
    let mut ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), RULES.len(), "ids are unique");
}

fn page() -> String {
    let mut page = String::from(
        "# All rules\n\n\
         After reading this page you know which change of a type has which verdict, and what to do about it. The page is\n\
         generated from the rule table in `typeser/src/resolve/rules.rs` and the pairs of types in `compat-tests/pairs/`;\n\
         a test compares it. `typeser explain RULE` prints a section.\n\n\
         Each finding names its rule. The verdict on a type is the worst verdict of its findings:\n\n",
    );
    for verdict in Compatibility::ALL {
        let rules: Vec<String> = rules_of(verdict).map(|rule| format!("[{0}](#{0})", rule.id)).collect();
        _ = writeln!(page, "- **{verdict}**: {}", rules.join(", "));
    }
    let pairs = pairs::all();
    for verdict in Compatibility::ALL {
        _ = writeln!(page, "\n## {}", sentence(&verdict.to_string()));
        for rule in rules_of(verdict) {
            section(&mut page, rule, pairs.iter().find(|pair| pair.rule == rule.id));
        }
    }
    page.push_str(DOWNWARDS);
    page
}

/// What the policy says that no single rule does.
const DOWNWARDS: &str = "
## Reading downwards

An older release that meets state of a newer one gets a report that says so, if the stored snapshot shows it: by a later
version of a type, or by an alias that is a name in the older release. The help is then to start the newer release again.

`Policy { downwards: true, .. }` lets a release read such state. It is off unless it is turned on, and it changes these
rules:

- What the new side declares comes first. What is left is matched by the aliases of the *stored* snapshot: a type, field or
  variant is read under its earlier name ([read-by-earlier-name](#read-by-earlier-name)). If several of its earlier names
  are in use, as after [variants-merged](#variants-merged), it is unknown which one it was, and none matches.
- A stored field that the release does not have is left out
  ([field-of-newer-release](#field-of-newer-release)). It counts as a loss: plans and dry runs list it. Unless the policy
  allows any loss, what is read is read-only: `Resolution::is_read_only` is true, `ValueReader::upgrade` and
  `Versions::upgrade` fail, and state is neither restored nor migrated, only read with `Operator::read`.
- A field that the newer release removed gets its default, or `None`; without either, the verdict is
  [field-added-without-default](#field-added-without-default). Removed names of the stored snapshot are not reported as
  [removed-name-returns](#removed-name-returns).
- A stored variant that the release does not have depends on the data: all other values are read, and the first value of it
  is an error ([variant-of-newer-release](#variant-of-newer-release)). If the release declares a variant `other`, such a
  value is read as that one ([variant-to-fallback](#variant-to-fallback)), which counts as a loss.
- A conversion on the way is incompatible: a function of `migrate` or `convert` that the stored snapshot declares for what
  this release has ([version-went-back-over-function](#version-went-back-over-function)).

All other rules are the same; in keys, map keys and set elements nothing is left out.
";

fn rules_of(verdict: Compatibility) -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied().filter(move |rule| rule.verdict == verdict)
}

fn section(page: &mut String, rule: &Rule, pair: Option<&Pair>) {
    _ = writeln!(page, "\n### {}\n\n{}.\n", rule.id, sentence(rule.title));
    _ = writeln!(page, "- Verdict: {}.", rule.verdict);
    _ = writeln!(page, "- Reason: {}.", rule.reason);
    _ = writeln!(page, "- Consequence: {}.", rule.consequence);
    _ = writeln!(page, "- Help: {}.", rule.help);
    if rule.loses {
        page.push_str("- Stored data is dropped, by declaration.\n");
    }
    if rule.depends_on_data {
        page.push_str("- It concerns single stored values: whether there are any depends on the data.\n");
    }
    if rule.convertible {
        page.push_str(
            "- A field may declare a function of the program that bridges it: `convert(OLD, with = PATH)`.\n",
        );
    }
    if rule.verdict == Compatibility::RequiresMigration {
        page.push_str(match rule.injective {
            true => "- Different values stay different: map keys and set elements pass as well.\n",
            false => "- Different values may become equal: refused for map keys and set elements.\n",
        });
    }
    // Another test ensures that every rule has a pair.
    let Some(pair) = pair else { return };
    let sides = [("Stored", Some(&pair.stored)), ("Between", pair.between.as_ref()), ("New", Some(&pair.new))];
    for (title, side) in sides.into_iter().filter_map(|(title, side)| Some((title, side?))) {
        _ = writeln!(page, "\n{title}:\n\n```{}\n{}```", side.language, side.code);
    }
    let answers = QUESTIONS.iter().map(|question| (question, pair.findings(*question)));
    let found = answers
        .filter_map(|(question, findings)| {
            let finding = findings.iter().find(|finding| finding.rule.id == rule.id)?;
            Some((*question, finding.to_string()))
        })
        .next();
    let Some((question, finding)) = found else { return };
    _ = writeln!(page, "\nFinding for a {}:\n\n```text\n{finding}\n```", question.about);
    if let Some(mended) = pair.mended() {
        _ = writeln!(page, "\nRepaired:\n\n```{}\n{}```", mended.new.language, mended.new.code);
        let said: Vec<String> = mended.findings(question).iter().map(ToString::to_string).collect();
        let said = if said.is_empty() { "compatible".to_owned() } else { said.join("\n") };
        _ = writeln!(page, "\nFinding after the repair:\n\n```text\n{said}\n```");
    }
    if let Some(instead) = pair.instead {
        _ = writeln!(page, "\nWhat to do:\n\n{}.", sentence(instead.trim_end()));
    }
}

/// The text with a capital first letter.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
