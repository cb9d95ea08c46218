//! Every rule has a pair of types as its example, and all rules are checked on all pairs.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

use std::collections::BTreeSet;
use std::fmt::Write as _;

use compat_tests::evolution::silent;
use compat_tests::pairs::{self, Pair, QUESTIONS, Question};
use typeser::resolve;
use typeser::resolve::{Compatibility, Policy, RULES, Role};

/// The rules that a pair fires, each once, in the order of its findings.
fn fired(pair: &Pair, question: Question) -> Vec<&'static str> {
    let mut seen = BTreeSet::new();
    let findings = pair.findings(question);
    findings.iter().map(|finding| finding.rule.id).filter(|rule| seen.insert(*rule)).collect()
}

/// Rules that no pair can fire any more: a snapshot that would is refused when it is read. Their ids stay, so that ledgers
/// and configurations that name them stay valid.
const REFUSED_WHEN_READ: [&str; 2] = ["name-clash", "tag-collision"];

#[test]
fn every_rule_has_a_pair_and_every_pair_a_rule() {
    let rules: BTreeSet<&str> =
        RULES.iter().map(|rule| rule.id).filter(|rule| !REFUSED_WHEN_READ.contains(rule)).collect();
    let pairs: BTreeSet<&str> = pairs::all().iter().map(|pair| pair.rule).collect();
    let without: Vec<_> = rules.difference(&pairs).collect();
    assert!(without.is_empty(), "rules without a folder in `pairs/`: {without:?}");
    let unknown: Vec<_> = pairs.difference(&rules).collect();
    assert!(unknown.is_empty(), "folders in `pairs/` that no rule has for its name: {unknown:?}");
}

#[test]
fn each_pair_fires_its_rule_and_all_that_it_fires_is_known() {
    let mut table = String::new();
    for pair in pairs::all() {
        let answers = QUESTIONS.map(|question| (question.about, fired(&pair, question)));
        assert!(
            answers.iter().any(|(_, rules)| rules.contains(&pair.rule)),
            "`{}` does not fire for its own pair: {answers:?}",
            pair.rule
        );
        let (_, value) = &answers[0];
        _ = writeln!(table, "{}: {}", pair.rule, value.join(", "));
        for (about, rules) in &answers[1..] {
            if rules != value {
                _ = writeln!(table, "    {about}: {}", rules.join(", "));
            }
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn each_type_has_no_findings_against_itself() {
    for pair in pairs::all() {
        silent(&pair.stored.snapshot);
        silent(&pair.new.snapshot);
    }
}

#[test]
fn only_the_encoding_is_reported_if_only_the_encoding_differs() {
    let mut differing = Vec::new();
    for pair in pairs::all() {
        for (name, side) in [("stored", &pair.stored), ("new", &pair.new)] {
            let resolution = resolve(&side.snapshot, &side.otherwise_encoded(), Role::Value, &Policy::default());
            let mut rules: Vec<&str> = resolution.findings().iter().map(|finding| finding.rule.id).collect();
            assert!(rules.contains(&"integer-encoding"), "{}, {name}: {rules:?}", pair.rule);
            rules.retain(|rule| *rule != "integer-encoding");
            if !rules.is_empty() {
                differing.push((pair.rule, name, rules));
            }
        }
    }
    // Opaque types.
    let expected = [
        ("opaque-changed", "stored", vec!["opaque-not-checked"]),
        ("opaque-changed", "new", vec!["opaque-not-checked"]),
        ("opaque-migrated", "stored", vec!["opaque-not-checked"]),
        ("opaque-migrated", "new", vec!["opaque-not-checked"]),
        ("opaque-not-checked", "stored", vec!["opaque-not-checked"]),
        ("opaque-not-checked", "new", vec!["opaque-not-checked"]),
        ("opaque-read-as-is", "stored", vec!["opaque-not-checked"]),
        ("opaque-read-as-is", "new", vec!["opaque-not-checked"]),
        ("opaque-unframed", "stored", vec!["opaque-not-checked", "opaque-unframed"]),
        ("opaque-unframed", "new", vec!["opaque-not-checked", "opaque-unframed"]),
    ];
    assert_eq!(differing, expected);
}

#[test]
fn a_pair_is_two_types() {
    for pair in pairs::all() {
        assert_ne!(pair.stored.snapshot.fingerprint(), pair.new.snapshot.fingerprint(), "{}", pair.rule);
    }
}

#[test]
fn each_incompatible_pair_is_repaired_or_says_what_to_do_instead() {
    for pair in pairs::all() {
        let rule = RULES.iter().find(|rule| rule.id == pair.rule).unwrap();
        let is_incompatible = rule.verdict == Compatibility::Incompatible;
        let says = pair.repaired.is_some() || pair.instead.is_some();
        assert_eq!(
            says, is_incompatible,
            "`{}`: `repaired.rs` or `instead.txt` beside incompatible pairs only",
            pair.rule
        );
    }
}

#[test]
fn a_repaired_pair_is_no_longer_incompatible() {
    let mut mended = 0;
    for pair in pairs::all() {
        let Some(repaired) = pair.mended() else { continue };
        for question in QUESTIONS {
            let fails = fired(&pair, question).contains(&pair.rule);
            // A key is never migrated, and a map key only one to one. If the rule does not fire for a value, check the
            // roles in which it fires.
            let is_asked = question.about == "value" || !fired(&pair, QUESTIONS[0]).contains(&pair.rule);
            if fails && is_asked {
                let findings = repaired.findings(question);
                let wrong: Vec<String> = findings
                    .iter()
                    .filter(|finding| finding.rule.verdict == Compatibility::Incompatible)
                    .map(ToString::to_string)
                    .collect();
                assert!(wrong.is_empty(), "`{}` for a {}: {wrong:#?}", pair.rule, question.about);
                assert!(repaired.resolve(question).compatibility() < Compatibility::Incompatible, "{}", pair.rule);
                mended += 1;
            }
        }
    }
    assert!(mended > 20, "the test sees repaired pairs at all: {mended}");
}
