//! Complete reports: one snapshot per case.

#![allow(clippy::unwrap_used, missing_docs, dead_code, unreachable_pub, reason = "the names of tests document them")]

#[path = "reports/shop.rs"]
mod shop;

use std::fmt::Write as _;
use std::path::Path;

use compat_tests::pairs::{self, QUESTIONS};
use proptest::prelude::*;
use shop::{v1, v2};
use typeser::report::{Claim, Report, Reports};
use typeser::resolve::{Compatibility, Losses, Policy, Role};
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer, resolve};

fn snapshot<T: StateType>() -> SerializerSnapshot {
    Serializer::<T>::new().unwrap().snapshot().clone()
}

fn report_on(state: &str, role: Role, stored: &SerializerSnapshot, new: &SerializerSnapshot) -> Report {
    let resolution = resolve(stored, new, role, &Policy::default());
    Report::new(format!("{role} of state `{state}`"), &resolution).with_state(state).with_origin("savepoint 2026-05-01")
}

fn report<Old: StateType, New: StateType>(state: &str, role: Role) -> Report {
    report_on(state, role, &snapshot::<Old>(), &snapshot::<New>())
}

/// The sources of this workspace. The compiler names files relative to its root.
fn sources(file: &str) -> Option<String> {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(file)).ok()
}

/// The text without the absolute path of the workspace.
fn anywhere(text: &impl std::fmt::Display) -> String {
    text.to_string().replace(&format!("{}/", env!("CARGO_MANIFEST_DIR")), "")
}

/// A snapshot from its text form, as a person would write it.
fn written(text: &str) -> SerializerSnapshot {
    SerializerSnapshot::from_text(text).unwrap_or_else(|error| panic!("{error} in\n{text}"))
}

#[test]
fn each_pair_has_a_report() {
    let pairs = pairs::all().into_iter().filter(|pair| pair.between.is_none() && !pair.rule.starts_with("too-many"));
    for pair in pairs {
        // The usage in which the rule applies.
        let fires = |question| pair.resolve(question).findings().iter().any(|finding| finding.rule.id == pair.rule);
        let question = QUESTIONS.into_iter().find(|question| fires(*question)).unwrap();
        let resolution = pair.resolve(question);
        let subject = format!("{} of state `orders`", resolution.role());
        let report = Report::new(subject, &resolution).with_state("orders").with_origin("release 1.6.0");
        let report = report.with_sources(sources);
        insta::assert_snapshot!(format!("pair_{}", pair.rule), anywhere(&report));
    }
}

#[test]
fn the_case_for_which_reports_are_made() {
    let report = report::<v1::Order, v2::Order>("orders", Role::Value);
    insta::assert_snapshot!("nested_without_sources", report);
    insta::assert_snapshot!("nested_short", report.short());
    insta::assert_snapshot!("nested", report.with_sources(sources));
}

#[test]
fn one_cause_in_many_states_is_reported_once() {
    let reports: Reports = [
        report::<v1::Order, v2::Order>("orders", Role::Value),
        report::<v1::Invoice, v2::Invoice>("invoices", Role::Value),
        report::<v1::Money, v2::Money>("balances", Role::Aggregate),
        report::<u8, u8>("hours", Role::Value),
    ]
    .into_iter()
    .map(|report| report.with_sources(sources))
    .collect();
    assert_eq!(reports.compatibility(), Compatibility::Incompatible);
    insta::assert_snapshot!("many_states", reports);
    // The page about reports shows this report.
    let page = sources("docs/reports.md").unwrap();
    let example = page.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(anywhere(&reports).replace("compat-tests/tests/reports/", "src/").contains(example), "{example}");
    insta::assert_snapshot!("many_states_short", reports.short());
}

#[test]
fn many_keys_with_one_cause_are_reported_once() {
    let states = ["session_counts", "session_last_seen", "session_windows"];
    let reports: Reports = states.map(|state| report::<(u64,), u64>(state, Role::Key)).into_iter().collect();
    insta::assert_snapshot!("many_keys", reports);
}

#[test]
fn excess_places_are_counted() {
    let reports: Reports =
        (0..30).map(|number| report::<v1::Money, v2::Money>(&format!("account{number}"), Role::Value)).collect();
    insta::assert_snapshot!("thirty_states", reports);
}

#[test]
fn roles_make_a_difference() {
    insta::assert_snapshot!("key", report::<v1::Shelf, v2::Shelf>("stock", Role::Key).with_sources(sources));
    insta::assert_snapshot!("key_widened", report::<u32, u64>("stock", Role::Key));
    insta::assert_snapshot!("timer", report::<(u64, u8), (u64, u16)>("alarms", Role::Timer));
    insta::assert_snapshot!("namespace", report::<u32, Option<u32>>("windows", Role::Namespace));
    // Two colliding keys are two values, because the witness has no map that contains both.
    insta::assert_snapshot!("map_key", report::<v1::Shelf, v2::Shelf>("stock", Role::MapKey).with_sources(sources));
    insta::assert_snapshot!("set_element", report::<v1::Stock, v2::Stock>("stock", Role::Value).with_sources(sources));
}

#[test]
fn recursive_types_are_shown_with_a_finite_value() {
    insta::assert_snapshot!("tree", report::<v1::Tree, v2::Tree>("folders", Role::Value).with_sources(sources));
    let report = report::<v1::Expression, v2::Expression>("formulas", Role::Value);
    insta::assert_snapshot!("expression", report.with_sources(sources));
}

#[test]
fn renamed_things_are_guessed() {
    let report = report::<v1::Customer, v2::Customer>("customers", Role::Value);
    insta::assert_snapshot!("renamed", report.with_sources(sources));
}

#[test]
fn tuples_and_generic_types() {
    insta::assert_snapshot!(
        "tuple_struct",
        report::<v1::Point, v2::Point>("places", Role::Value).with_sources(sources)
    );
    let report = report::<v1::Pair<Vec<u8>>, v2::Pair<Vec<u8>>>("pairs", Role::ListElement);
    insta::assert_snapshot!("generic", report.with_sources(sources));
    insta::assert_snapshot!(
        "no_type_of_ours",
        self::report::<Vec<Option<u32>>, Vec<Option<u16>>>("limits", Role::Value)
    );
}

#[test]
fn names_in_any_script() {
    let report = report::<v1::Street, v2::Street>("straßen", Role::Value);
    insta::assert_snapshot!("unicode", report.clone().with_sources(sources));
    insta::assert_snapshot!("unicode_without_sources", report);
}

#[test]
fn hand_written_snapshots_have_no_location() {
    let stored = "typeser-snapshot 1\nname Order\nversion 1\nintegers fixed\nroot Order\n\nstruct Order v1\n  id u64\n  \
                  note string\n  lines list<Line>\n\nstruct Line v1\n  price u32\n";
    let new = "typeser-snapshot 1\nname Order\nversion 2\nintegers variable\nroot Order\n\nstruct Order v2\n  lines \
               set<Line>\n  id u64\n\nstruct Line v1\n  price f32\n";
    let (stored, new) = (written(stored), written(new));
    insta::assert_snapshot!("by_hand", report_on("orders", Role::Value, &stored, &new));
    // The other direction: an old release reads what the new one writes.
    insta::assert_snapshot!("by_hand_backwards", report_on("orders", Role::Value, &new, &stored));
    let any = Policy { losses: Losses::Any, ..Policy::default() };
    let report = Report::new("orders", &resolve(&stored, &new, Role::Value, &any));
    insta::assert_snapshot!("by_hand_any_loss", report);
}

#[test]
fn names_cannot_steer_a_terminal() {
    let of = |name: &str| {
        written(&format!(
            "typeser-snapshot 1\nname {name}\nversion 1\nintegers fixed\nroot {name}\n\nstruct {name} v1\n  id u64\n"
        ))
    };
    let (stored, new) = (of(r#""Or\u{1b}[31mder""#), of(r#""a\nb\u{202e}c""#));
    let report = report_on("or\u{1b}[2Jders", Role::Value, &stored, &new).with_origin("a\u{7}b");
    for text in [report.to_string(), report.short()] {
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
    }
    insta::assert_snapshot!("control_characters", report);
}

#[test]
fn a_long_type_is_shown_where_it_changed() {
    let of = |count: u32, kind: &str| {
        let fields = (0..count).fold(String::new(), |mut text, number| {
            let kind = if number % 100 == 70 { kind } else { "u64" };
            _ = writeln!(text, "  field-with-a-number-{number} {kind}");
            text
        });
        let begin = "typeser-snapshot 1\nname Long\nversion 1\nintegers fixed\nroot Long\n\nstruct Long v1\n";
        written(&format!("{begin}{fields}"))
    };
    insta::assert_snapshot!("long", report_on("wide", Role::Value, &of(300, "string"), &of(299, "bool")));
    let name = "A".repeat(300);
    let long = |kind: &str| {
        written(&format!(
            "typeser-snapshot 1\nname {name}\nversion 1\nintegers fixed\nroot {name}\n\nstruct {name} v1\n  {name} \
             map<string, list<option<(u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, {kind})>>>\n"
        ))
    };
    insta::assert_snapshot!("long_names", report_on("wide", Role::Value, &long("u64"), &long("u8")));
}

#[test]
fn a_long_path_is_shortened_to_its_ends() {
    let of = |kind: &str| {
        let mut text = String::from("typeser-snapshot 1\nname T0\nversion 1\nintegers fixed\nroot T0\n");
        for number in 0..100 {
            _ = write!(text, "\nstruct T{number} v1\n  next option<T{}>\n", number + 1);
        }
        written(&format!("{text}\nstruct T100 v1\n  last {kind}\n"))
    };
    let report = report_on("deep", Role::Value, &of("u64"), &of("string"));
    insta::assert_snapshot!("deep", report);
}

#[test]
fn unchecked_parts_are_reported() {
    let of = |version: u32, more: &str| {
        written(&format!(
            "typeser-snapshot 1\nname Order\nversion 1\nintegers fixed\nroot Order\n\nstruct Order v1\n  total opaque \
             money v{version}\n  photo option<opaque image v1>\n{more}"
        ))
    };
    insta::assert_snapshot!("opaque", report_on("orders", Role::Value, &of(1, ""), &of(1, "  paid option<bool>\n")));
    insta::assert_snapshot!("opaque_changed", report_on("orders", Role::Value, &of(1, ""), &of(2, "  paid bool\n")));
}

#[test]
fn compatible_changes_are_summarized_in_a_few_lines() {
    insta::assert_snapshot!("equal", report::<v1::Order, v1::Order>("orders", Role::Value));
    insta::assert_snapshot!("equal_short", report::<v1::Order, v1::Order>("orders", Role::Value).short());
    insta::assert_snapshot!("none", Reports::new());
    let report = report::<(u32, Option<u8>), (u64, Option<Option<u8>>)>("orders", Role::Value);
    assert_eq!(report.compatibility(), Compatibility::RequiresMigration);
    insta::assert_snapshot!("migration", report);
}

#[test]
fn thousands_of_findings_are_summarized() {
    let pair = pairs::all().into_iter().find(|pair| pair.rule == "too-many-findings").unwrap();
    let report = Report::new("it", &pair.resolve(QUESTIONS[0]));
    assert!(report.to_string().ends_with("\n = change: 9960 more; the short form lists all\n"), "{report}");
    assert_eq!(report.short().lines().count(), report.findings().len());

    let of = |count: u32| {
        let fields = (0..count).fold(String::new(), |text, number| format!("{text}  field{number} u64\n"));
        written(&format!("typeser-snapshot 1\nname W\nversion 1\nintegers fixed\nroot W\n\nstruct W v1\n{fields}"))
    };
    let report = report_on("wide", Role::Value, &of(201), &of(1));
    let end = "\nnote: 150 more causes are omitted; the short form lists all\n";
    assert!(report.to_string().ends_with(end), "{report}");
    assert_eq!(report.to_string().matches("error[").count(), 50);
    assert_eq!(report.short().lines().count(), 200);
}

#[test]
fn lines_are_no_wider_than_names_make_them() {
    for pair in pairs::all().into_iter().filter(|pair| !pair.rule.starts_with("too-many")) {
        for question in QUESTIONS {
            let report = Report::new("value of state `orders`", &pair.resolve(question)).with_state("orders");
            for line in report.to_string().lines().filter(|line| !line.contains("-->")) {
                assert!(line.chars().count() <= 100, "{}: {line}", pair.rule);
            }
        }
    }
}

#[test]
fn colours_change_nothing_but_colours() {
    let report = report::<v1::Order, v2::Order>("orders", Role::Value).with_sources(sources);
    let styled = report.styled();
    let mut plain = String::new();
    let mut parts = styled.split('\u{1b}');
    plain.push_str(parts.next().unwrap());
    let mut count = 0;
    for part in parts {
        count += 1;
        plain.push_str(part.split_once('m').unwrap().1);
    }
    assert!(count > 20, "{count}");
    assert_eq!(plain, report.to_string());
}

#[test]
fn sources_of_another_program_are_left_out() {
    let report = report::<v1::Order, v2::Order>("orders", Role::Value);
    let blank = report.clone().with_sources(|_: &str| Some("\n".repeat(200)));
    assert_eq!(blank.to_string(), report.to_string());
    let short = report.clone().with_sources(|_: &str| Some(String::from("fn main() {}")));
    assert_eq!(short.to_string(), report.to_string());
}

proptest! {
    /// Any text at the declared location of a type is rendered or left out.
    #[test]
    fn any_text_is_accepted_as_a_source(
        lines in proptest::collection::vec(r#"[ a-zA-Z<>(){}\[\]:;,#'"/*\\äß字\t\r-]{0,40}"#, 150..200)
    ) {
        let text = lines.join("\n");
        let report = report::<v1::Order, v2::Order>("orders", Role::Value).with_sources(|_: &str| Some(text.clone()));
        prop_assert!(report.to_string().contains("value.total.cents"));
        prop_assert!(report.styled().contains("value.total.cents"));
    }
}

#[test]
fn the_id_of_a_finding_stays_while_the_code_moves() {
    let (stored, new) = (snapshot::<v1::Order>(), snapshot::<v2::Order>());
    // A snapshot that was read from bytes has no line numbers.
    let again = SerializerSnapshot::from_bytes(&new.to_bytes().unwrap()).unwrap();
    let ids = |new: &SerializerSnapshot, state: &str, role: Role| {
        let report = report_on(state, role, &stored, new);
        report.findings().iter().map(|finding| report.id(finding)).collect::<Vec<_>>()
    };
    let known = ids(&new, "orders", Role::Value);
    assert_eq!(known, ids(&again, "orders", Role::Value));
    let mut unique = known.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), known.len());
    for other in [ids(&new, "order", Role::Value), ids(&new, "orders", Role::Aggregate)] {
        assert!(other.iter().all(|id| !known.contains(id)));
    }
    insta::assert_debug_snapshot!("ids", known.iter().map(ToString::to_string).collect::<Vec<_>>());
}

#[test]
fn claims_of_witnesses_are_as_they_should_be() {
    let report = report::<v1::Order, v2::Order>("orders", Role::Value);
    let claims: Vec<String> = report
        .findings()
        .iter()
        .map(|finding| {
            let witness = report.witness(finding);
            let claim = witness.map(|witness| (witness.claim, witness.examples[0].value.to_string()));
            format!("{}: {claim:?}", finding.rule.id)
        })
        .collect();
    insta::assert_snapshot!("witnesses", claims.join("\n"));
    let first = &report.findings()[0];
    assert_ne!(report.witness(first).unwrap().claim, Claim::Collision);
}
