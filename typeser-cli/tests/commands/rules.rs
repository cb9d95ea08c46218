//! `typeser rules`.

use crate::runner::Place;

#[test]
fn every_rule_has_a_line() {
    insta::assert_snapshot!(Place::new().run("rules"));
}

#[test]
fn json_has_every_rule() {
    let output = Place::new().run("rules --format json");
    for rule in typeser::resolve::RULES {
        assert!(output.contains(&format!("\"id\": \"{}\"", rule.id)), "{}", rule.id);
    }
    let head: String = output.lines().take(14).map(|line| format!("{line}\n")).collect();
    insta::assert_snapshot!(head);
}
