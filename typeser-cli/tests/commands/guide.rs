//! `typeser guide`.

use crate::runner::Place;

#[test]
fn guides_are_listed_and_printed() {
    insta::assert_snapshot!([Place::new().run("guide"), Place::new().run("guide writing-snapshot")].concat());
    let page = Place::new().run("guide docs/ci.md");
    assert!(page.contains("# Golden checks in CI") && page.contains("exit 0"), "{page}");
}
