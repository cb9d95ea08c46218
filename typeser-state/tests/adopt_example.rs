//! What the example `adopt` prints, whole.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "a test")]

#[path = "../examples/adopt.rs"]
mod adopt;

#[test]
fn the_example_adopts_a_table_of_bincode_and_changes_its_type() {
    let folder = tempfile::tempdir().unwrap();
    let mut out = Vec::new();
    adopt::story(&folder.path().join("service.redb"), &mut out).unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap());
}
