//! The check as plain data: every cell of every state, the ledger, and the options.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "the names of tests document them")]
#![allow(dead_code, reason = "types are only described")]

#[path = "golden/shop.rs"]
mod shop;
#[path = "golden/support.rs"]
mod support;

use shop::{renamed, tagged, v1};
use support::{failure, golden, goldens, suite};
use typeser::golden::{
    Accepted, Current, Date, Golden, Goldens, LedgerProblem, Options, Outcome, Status, TODAY, Today, accept, check,
};
use typeser::resolve::{Compatibility, Direction, Reach, Role};
use typeser::{Serializer, TypeSerializer};

fn today_of(goldens: Vec<Golden>) -> Today {
    let current = |golden: Golden| Current {
        state: golden.state,
        role: golden.role,
        snapshot: golden.snapshot,
        conversions: typeser::serializer::Conversions::new(),
    };
    Today { states: goldens.into_iter().map(current).collect() }
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

const DAY: &str = "2026-11-21";

/// Every pair with its status, one line per pair.
fn pairs(outcome: &Outcome) -> String {
    let mut rendered = String::new();
    for state in &outcome.states {
        rendered += &format!("{}: {:?}\n", state.subject(), state.standing);
        for pair in &state.pairs {
            rendered +=
                &format!("    {} to {}: {}, {}\n", pair.writer, pair.reader, pair.report.compatibility(), pair.status);
        }
        for checked in &state.divergences {
            rendered += &format!("    {}: {}\n", checked.divergence.finding, checked.status);
        }
        state.history.skipped.iter().for_each(|skipped| rendered += &format!("    {skipped}\n"));
    }
    rendered
}

/// Three releases; one state was added later and one was removed.
fn three() -> (Goldens, Today) {
    let recorded = goldens([
        ("1.0", vec![golden("limit", Role::Value, [7u8]), golden("carts", Role::Key, [1u8])]),
        ("1.1", vec![golden("limit", Role::Value, [7u16]), golden("carts", Role::Key, [1u8])]),
        ("2.0", vec![golden("limit", Role::Value, [7u32])]),
    ]);
    let today = today_of(vec![golden("limit", Role::Value, [7u16]), golden("stock", Role::Value, [true])]);
    (recorded, today)
}

#[test]
fn every_cell_of_every_state_has_a_status() {
    let (recorded, today) = three();
    let rendered = |options: Options| pairs(&check(&recorded, Some(&today), &options, day(DAY)));
    insta::assert_snapshot!("upgrades", rendered(Options::default()));
    insta::assert_snapshot!("rollbacks", rendered(Options { direction: Direction::Forward, ..Options::default() }));
    let both = Options { direction: Direction::Full, reach: Reach::Last, ..Options::default() };
    insta::assert_snapshot!("both_with_the_last", rendered(both));
    let strict = Options { fails_on: Compatibility::Compatible, ..Options::default() };
    insta::assert_snapshot!("nothing_passes_that_is_not_pinned", rendered(strict));
}

#[test]
fn goldens_alone_compare_the_newest_release_with_those_before() {
    let (recorded, _) = three();
    let outcome = check(&recorded, None, &Options::default(), day(DAY));
    assert_eq!(outcome.newest.as_deref(), Some("2.0"));
    insta::assert_snapshot!(pairs(&outcome));
    let first = goldens([("1.0", vec![golden("limit", Role::Value, [7u8])])]);
    let outcome = check(&first, None, &Options::default(), day(DAY));
    assert!(outcome.passed());
    assert_eq!(pairs(&outcome), "value of state `limit`: Held\n");
    let nothing = check(&Goldens::default(), None, &Options::default(), day(DAY));
    assert_eq!((nothing.compared().as_str(), nothing.newest), ("checked 0 states against no release", None));
}

/// A release with orders, a program that renamed a field, and the entry that accepts the finding.
fn renamed_orders() -> (Goldens, Today, Accepted) {
    let recorded = goldens([
        ("1.0", vec![golden("orders", Role::Value, v1::orders())]),
        ("1.1", vec![golden("orders", Role::Value, v1::orders())]),
    ]);
    let snapshot = Serializer::<renamed::Order>::new().unwrap().snapshot().clone();
    let order = Golden { state: "orders".into(), role: Role::Value, snapshot, samples: Vec::new() };
    let today = today_of(vec![order]);
    let outcome = check(&recorded, Some(&today), &Options::default(), day(DAY));
    let pair = outcome.state("orders", Role::Value).unwrap().pair("1.0", TODAY).unwrap();
    let (finding, found, accepted) = pair.failing(Compatibility::Incompatible).next().unwrap();
    assert_eq!(accepted, None);
    let entry = Accepted {
        finding,
        state: "orders".into(),
        role: Role::Value,
        from: "1.0".into(),
        to: TODAY.into(),
        rule: found.rule.id.into(),
        reason: "notes were not written in 1.0".into(),
        author: "Mara".into(),
        date: day("2026-11-01"),
        until: Some(day("2026-12-01")),
    };
    (recorded, today, entry)
}

#[test]
fn an_accepted_finding_passes_for_its_pair_until_it_expires() {
    let (mut recorded, today, entry) = renamed_orders();
    recorded.ledger.accept(entry.clone()).unwrap();
    let on = |recorded: &Goldens, date: &str| check(recorded, Some(&today), &Options::default(), day(date));
    let statuses =
        |outcome: &Outcome| ["1.0", "1.1"].map(|release| outcome.states[0].pair(release, TODAY).unwrap().status);
    // The same finding for another pair is not accepted.
    assert_eq!(statuses(&on(&recorded, "2026-11-30")), [Status::Accepted, Status::Failed]);
    recorded.ledger.accept(Accepted { from: "1.1".into(), until: None, ..entry.clone() }).unwrap();
    let outcome = on(&recorded, "2026-12-01");
    assert_eq!(statuses(&outcome), [Status::Accepted, Status::Accepted]);
    assert!(outcome.passed());
    assert_eq!(outcome.states[0].pair("1.0", TODAY).unwrap().accepted, std::slice::from_ref(&entry));

    let outcome = on(&recorded, "2026-12-02");
    assert_eq!(statuses(&outcome), [Status::Failed, Status::Accepted]);
    assert_eq!(outcome.ledger, [LedgerProblem::Expired(entry)]);
}

#[test]
fn an_entry_that_matches_nothing_is_stale() {
    let (mut recorded, today, entry) = renamed_orders();
    let others = [
        Accepted { finding: typeser::report::FindingId(7), ..entry.clone() },
        Accepted { state: "carts".into(), ..entry.clone() },
        Accepted { role: Role::Key, ..entry.clone() },
        Accepted { from: "0.9".into(), ..entry.clone() },
        Accepted { to: "1.1".into(), ..entry.clone() },
        Accepted { from: TODAY.into(), to: "1.0".into(), ..entry.clone() },
    ];
    others.iter().for_each(|entry| recorded.ledger.accept(entry.clone()).unwrap());
    let outcome = check(&recorded, Some(&today), &Options::default(), day(DAY));
    let stale: Vec<LedgerProblem> = others.iter().cloned().map(LedgerProblem::Stale).collect();
    assert_eq!(outcome.ledger, stale);
    // Accepted findings about upgrades are not stale if only rollbacks are checked.
    recorded.ledger = Default::default();
    recorded.ledger.accept(entry).unwrap();
    let options = Options { direction: Direction::Forward, ..Options::default() };
    assert_eq!(check(&recorded, Some(&today), &options, day(DAY)).ledger, []);
}

#[test]
fn stale_and_expired_entries_fail_a_golden_test() {
    let (mut recorded, _, entry) = renamed_orders();
    recorded.ledger.accept(Accepted { until: Some(day("2026-11-02")), ..entry.clone() }).unwrap();
    recorded.ledger.accept(Accepted { from: "1.1".into(), until: None, ..entry.clone() }).unwrap();
    insta::assert_snapshot!(failure(&recorded, |suite| suite.value::<renamed::Order>("orders", [])));
    insta::assert_snapshot!(failure(&recorded, |suite| suite.value("orders", v1::orders())));
}

#[test]
fn a_divergence_can_be_accepted() {
    let mut recorded = goldens([
        ("1.0", vec![golden("tags", Role::Value, [tagged::Tag { name: "new".into() }])]),
        ("1.1", vec![golden("tags", Role::Value, [tagged::later::Tag { name: "new".into(), weight: 4 }])]),
    ]);
    let snapshot = Serializer::<tagged::today::Tag>::new().unwrap().snapshot().clone();
    let today = today_of(vec![Golden { state: "tags".into(), role: Role::Value, snapshot, samples: Vec::new() }]);
    let outcome = check(&recorded, Some(&today), &Options::default(), day(DAY));
    let checked = &outcome.states[0].divergences[0];
    assert_eq!((checked.status, outcome.passed()), (Status::Failed, false));
    let (_, _, entry) = renamed_orders();
    let entry = Accepted { finding: checked.id, state: "tags".into(), rule: "history-diverges".into(), ..entry };
    recorded.ledger.accept(entry.clone()).unwrap();
    let outcome = check(&recorded, Some(&today), &Options::default(), day(DAY));
    assert!(outcome.passed());
    assert_eq!(outcome.states[0].divergences[0].accepted, Some(entry));
}

#[test]
fn a_ledger_is_written_as_it_is_read() {
    let (_, _, entry) = renamed_orders();
    let text = accept(None, entry.clone()).unwrap();
    let more = Accepted { from: "1.1".into(), until: None, reason: "\"quoted\"\nand ü".into(), ..entry.clone() };
    let text = accept(Some(text.as_bytes()), more).unwrap();
    insta::assert_snapshot!(text);
    let ledger = typeser::golden::Ledger::from_json(&text).unwrap();
    assert_eq!(ledger.to_json(), text);
    assert_eq!(ledger.entries.len(), 2);
    assert_eq!(typeser::golden::Ledger::default().to_json(), "{\n  \"typeser-accepted\": 1,\n  \"accepted\": []\n}\n");
    assert_eq!(
        accept(Some(text.as_bytes()), entry).unwrap_err().to_string(),
        "the finding 1003ef1ae573c20a from 1.0 to today was accepted on 2026-11-01 by Mara: to change that, edit its entry",
    );
}

#[test]
fn an_invalid_ledger_is_refused_with_the_place() {
    let (_, _, entry) = renamed_orders();
    let text = accept(None, entry).unwrap();
    let edits = [
        ("\"typeser-accepted\": 1", "\"typeser-accepted\": 2"),
        ("\"accepted\": [", "\"accepted\": ["),
        ("\"until\"", "\"untill\""),
        ("1003ef1ae573c20a", "+003ef1ae573c20a"),
        ("1003ef1ae573c20a", "none"),
        ("\"value\"", "\"valve\""),
        ("2026-11-01", "2026-11-31"),
        ("2026-12-01", "soon"),
        ("notes were not written in 1.0", " "),
        ("Mara", ""),
        ("\"today\"", "\"1.0\""),
        ("\"1.0\"", "\"1/0\""),
        ("\"1.0\",", "\"1.0\""),
    ];
    let rendered = edits.iter().filter(|(from, to)| from != to).map(|(from, to)| {
        assert!(text.contains(from), "{from}");
        let error = typeser::golden::Ledger::from_json(text.replacen(from, to, 1)).unwrap_err();
        format!("{from} -> {to}\n    {error}")
    });
    insta::assert_snapshot!(rendered.collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_suite_returns_everything_that_it_found() {
    let (recorded, _) = three();
    let folder = support::folder(&recorded);
    let suite = suite(folder.path()).value("limit", [7u32]).retired("carts", "they were never used");
    let outcome = suite.outcome().unwrap();
    assert_eq!(outcome.compared(), "checked 2 states against 3 releases (1.0 ... 2.0)");
    assert_eq!((outcome.count(Status::Passed), outcome.count(Status::Failed)), (3, 0));
    assert_eq!(outcome.compatibility(), Compatibility::RequiresMigration);
    assert_eq!(outcome.reports(Status::Passed).reports().len(), 3);
}

mod feet {
    use typeser::StateType;

    #[derive(StateType)]
    #[state(name = "Depth")]
    pub struct InFathoms {
        pub of: f64,
    }

    /// A fathom is six feet.
    fn in_feet(old: InFathoms) -> Depth {
        Depth { of: old.of * 6.0 }
    }

    #[derive(StateType)]
    #[state(version = 2, migrate(1 => in_feet))]
    pub struct Depth {
        pub of: f64,
    }

    /// The same version, and the function was removed.
    #[derive(StateType)]
    #[state(name = "Depth", version = 2)]
    pub struct Dropped {
        pub of: f64,
    }

    /// The version is raised, so the function may go.
    #[derive(StateType)]
    #[state(name = "Depth", version = 3)]
    pub struct Raised {
        pub of: f64,
    }
}

#[test]
fn a_function_that_is_dropped_while_the_version_stays_is_found() {
    let recorded = goldens([
        ("1.0", vec![golden("depths", Role::Value, [feet::InFathoms { of: 2.0 }])]),
        ("2.0", vec![golden("depths", Role::Value, [feet::Depth { of: 12.0 }])]),
        ("2.1", vec![golden("depths", Role::Value, [feet::Depth { of: 13.0 }])]),
    ]);
    let failure = failure(&recorded, |suite| suite.value("depths", [feet::Dropped { of: 1.0 }]));
    insta::assert_snapshot!(failure);
    let dropped = |state: Golden| {
        let outcome = check(&recorded, Some(&today_of(vec![state])), &Options::default(), day(DAY));
        outcome.states.into_iter().flat_map(|state| state.dropped).map(|dropped| dropped.release).collect::<Vec<_>>()
    };
    assert_eq!(dropped(golden::<feet::Depth>("depths", Role::Value, [])), Vec::<String>::new());
    assert_eq!(dropped(golden::<feet::Dropped>("depths", Role::Value, [])), ["2.1"]);
    assert_eq!(dropped(golden::<feet::Raised>("depths", Role::Value, [])), Vec::<String>::new());
}

#[test]
fn the_newest_release_is_compared_with_those_before_where_only_goldens_are() {
    let recorded = goldens([
        ("2.0", vec![golden("depths", Role::Value, [feet::Depth { of: 12.0 }])]),
        ("2.1", vec![golden("depths", Role::Value, [feet::Dropped { of: 12.0 }])]),
    ]);
    let outcome = check(&recorded, None, &Options::default(), day(DAY));
    assert_eq!(outcome.states[0].dropped.len(), 1);
    assert!(!outcome.passed());
}
