//! Outputs for people at 80 and 140 columns: wide names, East Asian characters, emoji, eleven releases.

use typeser::StateType;
use typeser::resolve::Role;
use typeser::text::width;
use typeser_state::backend::MemoryBackend;
use typeser_state::keyed::Operator;
use typeser_state::savepoint::Savepoint;
use typeser_state::timer::TimeDomain::EventTime;

use crate::runner::Place;
use crate::zoo::{Release, order};

#[derive(StateType, Debug, Clone, PartialEq)]
struct Flight {
    carrier: String,
    minutes_of_delay: i32,
    remark: Option<String>,
}

/// A savepoint with long names, East Asian characters and emoji in names, keys and values.
fn savepoint(place: &Place) {
    let mut flights = Operator::<String>::new("delays-by-tail-number-of-the-aircraft").unwrap();
    let delays = flights.value::<Flight>("遅延の合計").unwrap();
    let airports = flights.map::<String, u64>("airports-visited-since-the-last-inspection").unwrap();
    let alarms = flights.timers::<()>("⏰").unwrap();
    let mut state = flights.open(MemoryBackend::new()).unwrap();
    for (key, carrier, remark) in [
        ("N14228", "United", None),
        ("東京🗼", "全日本空輸株式会社", Some("台風のため羽田空港で三時間の待機")),
        (
            "a-tail-number-that-nobody-would-paint-on-an-aircraft",
            "🛩️ Air",
            Some("🌪️ diverted to 関西国際空港 at night"),
        ),
    ] {
        state.set_current_key(&key.to_owned()).unwrap();
        let (carrier, remark) = (carrier.to_owned(), remark.map(str::to_owned));
        delays.update(&mut state, &Flight { carrier, minutes_of_delay: 42, remark }).unwrap();
        airports.put(&mut state, &"羽田".to_owned(), &7).unwrap();
        alarms.register(&mut state, EventTime, 1_700_000_000_000).unwrap();
    }
    Savepoint::create(place.path().join("wide")).unwrap().operator(&state).unwrap().finish().unwrap();
}

/// Goldens of eleven releases, in which the type of a field and its neighbours change now and then.
fn goldens() -> Place {
    let release = |number: usize| -> Release {
        let id = if number < 4 { "u32" } else { "u64" };
        let amount = if number == 11 { "string" } else { "i64" };
        let discount = if number < 7 { "" } else { ", discount: option<u8>" };
        vec![
            ("orders", Role::Value, order(&format!("id: {id}, amount: {amount}{discount}"))),
            ("お客様の注文履歴", Role::ListElement, order("id: u64, note: string")),
            ("carts", Role::Value, order("id: u64, note: string")),
        ]
    };
    let names = ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "2.0.0", "2.1.0", "2.2.0", "2.2.1", "3.0.0", "3.1.0", "4.0.0"];
    let releases: Vec<(&str, Release)> = names.into_iter().zip((1..).map(release)).collect();
    Place::new().goldens("golden", &releases)
}

/// The output at both widths. No line is wider, except for lines that `may_be_wide`.
fn at_both_widths(place: impl Fn() -> Place, words: &str, may_be_wide: fn(&str) -> bool) -> String {
    let mut outputs = String::new();
    for columns in [80, 140] {
        let output = place().variable("COLUMNS", columns.to_string()).run(words);
        let wide = output.lines().filter(|line| width(line) > columns && !may_be_wide(line));
        assert_eq!(wide.collect::<Vec<_>>(), Vec::<&str>::new(), "at {columns} columns:\n{output}");
        outputs.push_str(&format!("{columns} columns:\n{output}"));
    }
    outputs
}

fn with_savepoint() -> Place {
    let place = Place::new();
    savepoint(&place);
    place
}

#[test]
fn tables_of_a_savepoint_fit_and_align() {
    let outputs = ["state ls wide", "state cat wide", "state timers wide"]
        .map(|words| at_both_widths(with_savepoint, words, |_| false));
    insta::assert_snapshot!(outputs.concat());
}

#[test]
fn a_dry_run_fits() {
    let place = || {
        let place = with_savepoint();
        place.run("state snapshots wide --output snapshots");
        place
    };
    insta::assert_snapshot!(at_both_widths(place, "migrate wide --to snapshots --dry-run", |_| false));
}

#[test]
fn a_matrix_of_eleven_releases_is_readable() {
    insta::assert_snapshot!(at_both_widths(goldens, "check", |_| false));
}

#[test]
fn the_list_of_rules_fits() {
    insta::assert_snapshot!(at_both_widths(Place::new, "rules", |_| false));
}

#[test]
fn explanations_fit_except_for_code() {
    let is_code = |line: &str| line.starts_with("    ");
    insta::assert_snapshot!(at_both_widths(Place::new, "explain field-removed", |_| false));
    for rule in typeser::resolve::RULES {
        at_both_widths(Place::new, &format!("explain {}", rule.id), is_code);
    }
}
