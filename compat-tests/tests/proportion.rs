//! Memory and output are proportional to the input, for layouts that were made to be expensive: four times the input
//! takes at most five times as much, beyond a fixed allowance. Counted by the allocator.
#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs, reason = "the tests print their figures")]

#[path = "proportion/layouts.rs"]
mod layouts;
#[path = "proportion/measure.rs"]
mod measure;

use layouts::*;
use measure::{Growth, resolved};
use typeser::migrate::Reconfigured;
use typeser::report::Report;
use typeser::serializer::Conversions;

#[global_allocator]
static ALLOCATOR: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

/// What a report may hold whatever the layouts: its witnesses, chains and findings.
const REPORT: usize = 24 << 20;
/// What a comparison may hold whatever the layouts: 2^18 fields and variants, and the findings.
const COMPARISON: usize = 64 << 20;
/// What the programs of a migration may hold whatever the layouts: their kernels.
const PROGRAMS: usize = 40 << 20;

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

#[test]
fn a_comparison_is_proportional_to_the_layouts() {
    for (kind, layouts, small) in [
        ("fields without a counterpart", renamed as Layouts, 2048),
        ("every type with every other", every_pair, 4096),
        ("a deep chain", chain, 1024),
        ("versions of leaves", leaves, 1024),
        ("variants that become one", merged, 1024),
        ("functions that read one large layout", large_sources, 1024),
    ] {
        Growth::of(kind, small, layouts).check(COMPARISON, |stored, new| resolved(stored, new).findings().len());
    }
}

#[test]
fn the_programs_of_a_migration_are_proportional_to_the_layouts() {
    for (kind, layouts, small) in [
        ("wide records with a default", wide_defaults as Layouts, 512),
        ("wide records in another order", wide_records, 512),
        ("strings in another order", reversed, 2048),
        ("variants that become one", merged, 1024),
    ] {
        Growth::of(kind, small, layouts).check(PROGRAMS, |stored, new| {
            let resolution = resolved(stored, new);
            let reconfigured = resolution.adopted().map(|adopted| Reconfigured::new(adopted, new).unwrap());
            let migration = resolution.migration(&Conversions::new());
            assert!(reconfigured.is_some() || migration.is_ok(), "{:?}", resolution.compatibility());
            0
        });
    }
}
