//! `typeser explain`.

use crate::runner::Place;

#[test]
fn a_rule_is_explained_with_an_example_and_its_repair() {
    insta::assert_snapshot!(Place::new().run("explain field-removed-undeclared"));
}

#[test]
fn where_nothing_in_the_type_mends_it_words_say_what_to_do() {
    insta::assert_snapshot!(Place::new().run("explain error[key-migration-refused]"));
}

#[test]
fn a_safe_rule_is_explained_too() {
    insta::assert_snapshot!(Place::new().run("explain fields-reordered"));
}
