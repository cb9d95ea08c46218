//! `typeser explain`.

use crate::runner::Place;

#[test]
fn a_rule_is_explained_with_an_example_and_its_repair() {
    insta::assert_snapshot!(Place::new().run("explain field-removed-undeclared"));
}

#[test]
fn a_rule_without_a_repair_in_code_says_what_to_do() {
    insta::assert_snapshot!(Place::new().run("explain error[key-migration-refused]"));
}

#[test]
fn a_safe_rule_is_explained_too() {
    insta::assert_snapshot!(Place::new().run("explain fields-reordered"));
}
