//! The help of reports: each fix repairs its finding, and the lines that are printed compile.
#![allow(clippy::unwrap_used, dead_code, missing_docs, reason = "the names of tests document them")]

mod situations;

use std::collections::BTreeSet;

use compat_tests::oracle::fixes::{Compared, FixCounts, WITHOUT_FORM};
use compat_tests::oracle::laws::LawCounts;
use compat_tests::oracle::source::Source;
use compat_tests::pairs::{self, QUESTIONS};
use typeser::resolve::{Compatibility, Fix, RULES};

#[test]
fn each_fix_of_each_pair_repairs_its_finding_and_brings_what_it_announces() {
    let (mut laws, mut counts) = (LawCounts::default(), FixCounts::default());
    for pair in pairs::all() {
        for question in QUESTIONS {
            let resolution = pair.resolve(question);
            let policy = question.policy;
            let compared = Compared {
                stored: resolution.stored_snapshot(),
                new: resolution.new_snapshot(),
                role: resolution.role(),
                policy: &policy,
            };
            let checked = compared.check(&mut Source::seeded(3), &mut laws, &mut counts);
            assert!(checked.is_ok(), "{}, {}: {}", pair.rule, question.about, checked.unwrap_err());
        }
    }
    let incompatible = RULES.iter().filter(|rule| rule.verdict == Compatibility::Incompatible).map(|rule| rule.id);
    let missed: Vec<&str> = incompatible
        .filter(|rule| !counts.by_rule.contains_key(rule) && !WITHOUT_FORM.iter().any(|(without, _)| without == rule))
        .collect();
    assert!(missed.is_empty(), "no fix of these rules was applied: {missed:?}");
}

/// Rules whose repaired pair takes another way than the lines that the report prints, with the reason.
const REPAIRED_OTHERWISE: [(&str, &str); 4] = [
    ("field-added-without-default", "the repaired pair names a default of its own"),
    ("primitive-changed", "the repaired pair widens the type, and the printed line is the type alone"),
    ("removed-name-returns", "the repaired pair renames the field without an alias"),
    ("tuple-vs-concrete", "the repaired pair keeps the stored type"),
];

#[test]
fn the_lines_that_a_report_prints_are_in_the_repaired_type_that_is_compiled() {
    let mut otherwise = Vec::new();
    for pair in pairs::all() {
        let Some(repaired) = pair.repaired.clone().filter(|side| side.language == "rust") else { continue };
        let findings = QUESTIONS.iter().flat_map(|question| pair.findings(*question)).collect::<Vec<_>>();
        let codes: Vec<String> = findings
            .iter()
            .filter(|found| found.rule.id == pair.rule)
            .flat_map(|found| &found.fixes)
            .filter_map(Fix::code)
            .collect();
        let is_there = |code: &String| {
            let attributes = code.lines().filter(|line| line.starts_with("#[state("));
            code.contains("#[state(") && attributes.into_iter().all(|line| occurs_in(line, repaired.code))
        };
        if !codes.is_empty() && !codes.iter().any(is_there) {
            otherwise.push(pair.rule);
        }
    }
    let known: Vec<&str> = REPAIRED_OTHERWISE.iter().map(|(rule, _)| *rule).collect();
    assert_eq!(otherwise, known);
}

/// Whether a line is in a text, with anything in place of each `..`.
fn occurs_in(line: &str, text: &str) -> bool {
    text.lines().any(|other| {
        let mut rest = other.trim();
        line.split("..").all(|part| match rest.find(part) {
            Some(at) => {
                rest = &rest[at + part.len()..];
                true
            }
            None => false,
        })
    })
}

#[test]
fn every_exempt_rule_is_a_rule_that_refuses() {
    let ids: BTreeSet<&str> =
        RULES.iter().filter(|rule| rule.verdict == Compatibility::Incompatible).map(|rule| rule.id).collect();
    for (rule, reason) in WITHOUT_FORM {
        assert!(ids.contains(rule) && !reason.is_empty(), "{rule}");
    }
}
