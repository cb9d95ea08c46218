//! `typeser accept`, and how `typeser check` uses the ledger.

use std::process::Command;

use crate::runner::Place;
use crate::zoo::{bad, failing, first, good, passing, second};

fn ledger(place: &Place) -> String {
    let text = std::fs::read_to_string(place.path().join("golden/accepted.json")).unwrap();
    let today = typeser::golden::Date::today().to_string();
    text.replace(&today, "[TODAY]")
}

fn output(place: &Place, words: &str) -> String {
    // The example of a day in messages is not a day of this test.
    let out = place.run(words).replace("write it as 2026-11-21", "write it as [A DAY]");
    out.replace(&typeser::golden::Date::today().to_string(), "[TODAY]")
}

const KEY: &str = "914a2267cd38dfff";
const NARROW: [&str; 2] = ["29c5731cf1ce5099", "0368d01301173f31"];

#[test]
fn a_finding_is_accepted_with_a_reason_for_every_pair_that_shows_it() {
    let place = failing();
    let mut all = output(&place, &format!("accept {KEY} --reason rebuilt --author Ada --until 2999-01-31"));
    all.push_str(&ledger(&place));
    all.push_str(&output(&place, "accept --list"));
    all.push_str(&output(&place, "check --format short"));
    insta::assert_snapshot!(all);
}

#[test]
fn everything_accepted_passes() {
    let retired = "[[retired]]\nstate = \"sessions\"\nreason = \"logins moved to another service\"\n";
    let place = failing().file("typeser.toml", retired);
    let mut all = String::new();
    for finding in [KEY, NARROW[0], NARROW[1]] {
        all.push_str(&output(&place, &format!("accept {finding} --reason small --author Ada")));
    }
    all.push_str(&output(&place, "check"));
    insta::assert_snapshot!(all);
}

#[test]
fn an_unknown_finding_is_refused_with_the_failing_ones() {
    let place = failing().variable("GIT_CONFIG_GLOBAL", "/dev/null").variable("GIT_CONFIG_SYSTEM", "/dev/null");
    let cases = [
        "accept 914a2267cd38dff0 --reason why --author Ada".to_owned(),
        "accept 0123456789abcdef --reason why --author Ada".to_owned(),
        "accept 12 --reason why --author Ada".to_owned(),
        format!("accept {KEY} --author Ada"),
        format!("accept {KEY} --reason why --author Ada --until 2001-01-01"),
        format!("accept {KEY} --reason why --author Ada --until 2026-02-30"),
        format!("accept {KEY} --reason why"),
        format!("accept --remove {KEY}"),
        "accept --list".to_owned(),
        "accept".to_owned(),
    ];
    let mut all: String = cases.iter().map(|words| output(&place, words)).collect();
    assert!(!place.path().join("golden/accepted.json").exists());
    all.push_str(&output(&place, &format!("accept {KEY} --reason why --author Ada")));
    all.push_str(&output(&place, &format!("accept {KEY} --reason why --author Ada")));
    insta::assert_snapshot!(all);
}

#[test]
fn a_finding_of_todays_types_needs_their_snapshots() {
    let released = [("1.0.0", first()), ("1.1.0", second())];
    let place = Place::new().goldens("golden", &released).today("target/current", &bad());
    let mut all = output(&place, "check target/current");
    assert!(all.contains("`typeser accept FINDING --reason WHY --in target/current`"), "{all}");
    all = output(&place, &format!("accept {KEY} --reason why --author Ada"));
    // The command of the message.
    assert!(all.contains(&format!("typeser accept {KEY} --reason \"...\" --in target/current")), "{all}");
    all.push_str(&output(&place, &format!("accept {KEY} --reason why --author Ada --in target/current")));
    all.push_str(&output(&place, "accept 0123456789abcdef --reason why --author Ada --in target/current"));
    insta::assert_snapshot!(all);
}

#[test]
fn the_author_is_the_one_that_git_knows() {
    let place = failing();
    let git = |words: &[&str]| {
        assert!(Command::new("git").args(words).current_dir(place.path()).output().unwrap().status.success())
    };
    git(&["init", "-q"]);
    git(&["config", "user.name", "Grace H."]);
    insta::assert_snapshot!(output(&place, &format!("accept {KEY} --reason why")));
}

#[test]
fn stale_and_expired_entries_fail_and_say_what_to_do() {
    let entry = |finding: &str, to: &str, until: &str| {
        format!(
            "    {{\n      \"finding\": \"{finding}\",\n      \"state\": \"orders\",\n      \"role\": \"key\",\n      \"from\": \"1.0.0\",\n      \
             \"to\": \"{to}\",\n      \"rule\": \"key-migration-refused\",\n      \"reason\": \"rebuilt on start\",\n      \
             \"author\": \"Ada\",\n      \"date\": \"2026-01-01\"{until}\n    }}"
        )
    };
    let ledger = |entries: &[String]| {
        format!("{{\n  \"typeser-accepted\": 1,\n  \"accepted\": [\n{}\n  ]\n}}\n", entries.join(",\n"))
    };
    let expired = entry(KEY, "2.0.0", ",\n      \"until\": \"2026-01-31\"");
    let unasked = entry("00000000000000aa", "today", "");
    let place = failing().file("golden/accepted.json", ledger(&[expired, unasked.clone()]));
    let mut all = output(&place, "check --state orders");
    all.push_str(&output(&place, "accept --list"));
    // A new entry replaces an expired one.
    all.push_str(&output(&place, &format!("accept {KEY} --reason again --author Ada")));
    all.push_str(&output(&place, "accept --list"));
    let place = passing().file("golden/accepted.json", ledger(&[entry(KEY, "2.0.0", ""), unasked.clone()]));
    all.push_str(&output(&place, "check"));
    all.push_str(&output(&place, &format!("accept --remove {KEY}")));
    all.push_str(&output(&place, "check --format short"));
    // Entries about today's types are stale where today's types are compared.
    let place = Place::new().goldens("golden", &[("1.0.0", first()), ("1.1.0", second())]).today("today", &good());
    let place = place.file("golden/accepted.json", ledger(&[unasked]));
    all.push_str(&output(&place, "check today --format short"));
    insta::assert_snapshot!(all);
}

#[test]
fn acceptances_of_todays_types_apply_to_the_release_they_become() {
    let released = [("1.0.0", first()), ("1.1.0", second())];
    let place = Place::new().goldens("golden", &released).today("today", &bad());
    let mut all = output(&place, &format!("accept {KEY} --reason why --author Ada --in today"));
    let ledger = std::fs::read(place.path().join("golden/accepted.json")).unwrap();
    let place = failing().file("golden/accepted.json", ledger);
    all.push_str(&output(&place, "check --format short"));
    insta::assert_snapshot!(all);
}

#[test]
fn all_findings_of_a_rule_are_accepted_at_once() {
    let place = failing();
    let mut all = place.run("accept --rule primitive-changd --reason rebuilt --author Ada");
    let of_rule = place.run("accept --rule primitive-changed --reason rebuilt --author Ada");
    assert!(of_rule.matches("accepted ").count() > 1, "{of_rule}");
    all.push_str(&of_rule.lines().filter(|line| !line.contains("recorded")).collect::<Vec<_>>().join("\n"));
    assert!(!place.run("check --format short").contains("error[primitive-changed]"));
    insta::assert_snapshot!(all);
}
