//! Whole reports, as people read them: one snapshot a case.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests say what they mean in their names")]

use compat_tests::pairs::{self, QUESTIONS};
use typeser::report::Report;

#[test]
fn draft() {
    for pair in pairs::all() {
        if pair.rule.starts_with("too-many") {
            continue;
        }
        let report = Report::new("value of state `orders`", &pair.resolve(QUESTIONS[0]))
            .with_state("orders")
            .with_origin("savepoint 2026-05-01");
        println!("##### {}\n{report}\n{report:#}", pair.rule);
    }
}
