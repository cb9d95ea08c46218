//! An older release meets what a newer one wrote by a function.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

use typeser::SerializerSnapshot;
use typeser::resolve::{Compatibility, Policy, Resolution, Role, resolve};

fn read(text: &str) -> SerializerSnapshot {
    SerializerSnapshot::from_text(text).unwrap()
}

fn resolved(stored: &str, new: &str) -> Resolution {
    resolve(&read(stored), &read(new), Role::Value, &Policy::default())
}

fn found(stored: &str, new: &str) -> Vec<String> {
    resolved(stored, new).findings().iter().map(ToString::to_string).collect()
}

const FATHOMS: &str = "typeser-snapshot 1\nroot Depth\n\nstruct Depth v1\n  of f64\n";
const FEET: &str = "typeser-snapshot 1\nroot Depth\n\nstruct Depth v2\n  @migrate 1 in_feet\n  of f64\n";

#[test]
fn an_older_release_refuses_what_a_function_wrote() {
    let resolution = resolved(FEET, FATHOMS);
    assert_eq!(resolution.compatibility(), Compatibility::Incompatible);
    insta::assert_snapshot!(typeser::report::Report::new("value of state `depths`", &resolution).to_string());
    // The other way, the function runs.
    assert_eq!(resolved(FATHOMS, FEET).compatibility(), Compatibility::RequiresMigration);
}

#[test]
fn only_a_function_on_the_way_back_counts() {
    let version = |version: u32, migrations: &str| {
        format!("typeser-snapshot 1\nroot Depth\n\nstruct Depth v{version}\n{migrations}  of f64\n")
    };
    let note = "compatible [version-went-back] value: `Depth` was stored as version 3, the program has version 2";
    // From 3 back to 2, past a function from 1 to 2 only.
    assert_eq!(found(&version(3, "  @migrate 1 in_feet\n"), &version(2, "  @migrate 1 in_feet\n")), [note]);
    assert_eq!(found(&version(3, ""), &version(2, "")), [note]);
    for migrations in ["  @migrate 2 in_yards\n", "  @migrate 1 in_feet\n  @migrate 2 in_yards\n"] {
        let found = found(&version(3, migrations), &version(2, "  @migrate 1 in_feet\n"));
        assert!(found.len() == 1 && found[0].contains("[version-went-back-over-function]"), "{found:?}");
    }
}

#[test]
fn enums_nested_types_and_opaque_leaves_count_as_well() {
    let nested = |inner: &str| format!("typeser-snapshot 1\nroot list<option<E>>\n\n{inner}");
    let (new, old) = ("enum E v2\n  @migrate 1 f\n  0 A\n", "enum E v1\n  0 A\n");
    let finding = "incompatible [version-went-back-over-function]";
    let because = "version 2, the program has version 1, and stored values are what `f` makes of version 1";
    assert_eq!(found(&nested(new), &nested(old)), [format!("{finding} value[].Some: `E` was stored as {because}")]);
    let leaf =
        |version: u32, hints: &str| format!("typeser-snapshot 1\nroot $1\n\ntype $1 = opaque Blob v{version}\n{hints}");
    let over = found(&leaf(2, "  @migrate 1 f\n"), &leaf(1, "  @reads 2\n"));
    assert_eq!(over.len(), 1);
    assert!(
        over[0].starts_with(finding) && over[0].ends_with("stored values are what `f` makes of version 1"),
        "{over:?}"
    );
    assert!(found(&leaf(2, "  @reads 1\n"), &leaf(1, "  @reads 2\n"))[0].contains("[opaque-read-as-is]"));
}

#[test]
fn two_versions_of_a_type_never_have_one_fingerprint() {
    // What equal fingerprints answer without a walk has equal versions everywhere.
    assert_ne!(read(FEET).fingerprint(), read(FATHOMS).fingerprint());
}
