//! Memory and output are proportional to the input, for layouts that were made to be expensive: four times the input
//! takes at most five times as much, beyond a fixed allowance. Counted by the allocator.
#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs, reason = "the tests print their figures")]

#[path = "proportion/layouts.rs"]
mod layouts;
#[path = "proportion/measure.rs"]
mod measure;

use layouts::*;
use measure::{Growth, resolved};
use typeser::report::Report;

#[global_allocator]
static ALLOCATOR: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

/// What a report may hold whatever the layouts: its witnesses, chains and findings.
const REPORT: usize = 24 << 20;

#[test]
fn a_json_report_is_proportional_to_the_layouts() {
    for (kind, layouts, small) in [
        ("fields of another type", changed as Layouts, 4096),
        ("fields without a counterpart", renamed, 2048),
        ("records beside many others", many_records, 1024),
        ("functions of fields", converted, 1024),
        ("a deep chain", chain, 1024),
        ("a tuple of arrays", arrays, 1024),
    ] {
        Growth::of(kind, small, layouts)
            .check(REPORT, |stored, new| Report::new("state `s`", &resolved(stored, new)).to_json().len());
    }
}

#[test]
fn a_text_report_is_proportional_to_the_layouts() {
    for (kind, layouts, small) in [
        ("fields of another type", changed as Layouts, 4096),
        ("fields without a counterpart", renamed, 2048),
        ("units of units", units, 1024),
        ("a tuple of arrays", arrays, 1024),
    ] {
        Growth::of(kind, small, layouts).check(REPORT, |stored, new| {
            let report = Report::new("state `s`", &resolved(stored, new));
            report.to_string().len() + format!("{report:#}").len()
        });
    }
}
