//! The help of reports: each fix repairs its finding, and the lines that are printed compile.
#![allow(clippy::unwrap_used, dead_code, missing_docs, reason = "the names of tests document them")]

mod files;
mod law;
mod newcomer;
mod printed;
mod situations;

use std::collections::BTreeSet;

use compat_tests::oracle::fixes::{Compared, FixCounts, WITHOUT_FORM};
use compat_tests::oracle::laws::LawCounts;
use compat_tests::oracle::source::Source;
use compat_tests::pairs::{self, QUESTIONS};
use typeser::resolve::{Compatibility, RULES};

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

#[test]
fn every_exempt_rule_is_a_rule_that_refuses() {
    let ids: BTreeSet<&str> =
        RULES.iter().filter(|rule| rule.verdict == Compatibility::Incompatible).map(|rule| rule.id).collect();
    for (rule, reason) in WITHOUT_FORM {
        assert!(ids.contains(rule) && !reason.is_empty(), "{rule}");
    }
}
