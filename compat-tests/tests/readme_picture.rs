//! `docs/refusal.svg`, the picture of the README, is a report that the library prints.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

use std::path::Path;

use anstyle_svg::Term;
use typeser::report::{Report, Reports};
use typeser::resolve::{Compatibility, Policy, Role};
use typeser::{Serializer, StateType, TypeSerializer, resolve};

/// Set to write the picture instead of comparing it.
const WRITE: &str = "TYPESER_WRITE_DOCS";

/// What release 1.6.0 stored.
#[derive(StateType)]
#[state(name = "Order")]
struct Stored {
    id: u64,
    buyer: String,
    cents: u64,
}

#[derive(StateType)]
struct Order {
    id: u64,
    buyer: String,
    cents: u32,
}

#[test]
fn the_picture_of_the_readme_is_a_printed_report() {
    let stored = Serializer::<Stored>::new().unwrap();
    let new = Serializer::<Order>::new().unwrap();
    let resolution = resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default());
    assert_eq!(resolution.compatibility(), Compatibility::Incompatible);
    // The compiler names files relative to the workspace.
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readme_picture.rs");
    let report = Report::new("value of state `orders`", &resolution)
        .with_state("orders")
        .with_origin("release 1.6.0")
        .with_sources(|_: &str| std::fs::read_to_string(&file).ok());
    let mut reports = Reports::new().with_width(96);
    reports.push(report);
    let picture = Term::new().render_svg(&reports.styled());

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/refusal.svg");
    if std::env::var_os(WRITE).is_some() {
        assert!(std::env::var_os("CI").is_none(), "CI compares the picture, it never writes it");
        std::fs::write(&path, &picture).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == picture,
        "docs/refusal.svg is no longer the report: run this test once with {WRITE}=1 and commit it"
    );
}
