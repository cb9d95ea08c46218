//! The JSON form of reports: its content, and the published schema that describes it.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "the names of tests document them")]

use std::path::Path;

use compat_tests::pairs::{self, QUESTIONS};
use serde_json::Value as Json;
use typeser::report::{JSON_VERSION, Report, Reports};
use typeser::resolve::{Policy, Role};
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer, resolve};

mod v1 {
    #[derive(typeser::StateType)]
    pub struct Order {
        pub id: u32,
        pub note: String,
        pub lines: Vec<Option<Line>>,
    }

    #[derive(typeser::StateType)]
    pub struct Line {
        pub price: u64,
    }
}

mod v2 {
    #[derive(typeser::StateType)]
    #[state(version = 2)]
    pub struct Order {
        pub id: u64,
        pub remark: String,
        pub lines: Vec<Option<Line>>,
    }

    #[derive(typeser::StateType)]
    pub struct Line {
        pub price: u32,
    }
}

fn report<Old: StateType, New: StateType>(state: &str, role: Role) -> Report {
    let (old, new) = (Serializer::<Old>::new().unwrap(), Serializer::<New>::new().unwrap());
    let resolution = resolve(old.snapshot(), new.snapshot(), role, &Policy::default());
    Report::new(format!("{role} of state `{state}`"), &resolution).with_state(state).with_origin("release \"1\"\t")
}

fn validator() -> jsonschema::Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("docs/report.schema.json");
    let schema: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// The document, if the schema describes it.
#[track_caller]
fn valid(validator: &jsonschema::Validator, json: &str) -> Json {
    let document: Json = serde_json::from_str(json).unwrap_or_else(|error| panic!("{error} in\n{json}"));
    let errors: Vec<String> =
        validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?} in\n{json}");
    document
}

#[test]
fn the_document_reads_well() {
    let reports: Reports = [
        report::<v1::Order, v2::Order>("orders", Role::Value),
        report::<v1::Line, v2::Line>("lines", Role::ListElement),
        report::<u8, u8>("hours", Role::Key),
    ]
    .into_iter()
    .collect();
    let json = reports.to_json();
    valid(&validator(), &json);
    insta::assert_snapshot!(json);
}

#[test]
fn the_schema_describes_the_report_on_every_pair() {
    let validator = validator();
    let mut witnesses = 0;
    for pair in pairs::all().into_iter().filter(|pair| !pair.rule.starts_with("too-many")) {
        for question in QUESTIONS {
            let resolution = pair.resolve(question);
            let report = Report::new("value of state `orders`", &resolution).with_state("orders");
            let json = valid(&validator, &report.to_json());
            assert_eq!(json["typeser-report"], JSON_VERSION);
            let findings = json["reports"][0]["findings"].as_array().unwrap();
            assert_eq!(findings.len(), resolution.findings().len());
            witnesses += findings.iter().filter(|finding| !finding["witness"].is_null()).count();
            let causes = json["causes"].as_array().unwrap();
            let in_causes: usize = causes.iter().map(|cause| cause["findings"].as_array().unwrap().len()).sum();
            assert_eq!(in_causes, findings.len());
        }
    }
    assert!(witnesses > 100, "{witnesses}");
    valid(&validator, &Reports::new().to_json());
}

#[test]
fn the_schema_refuses_invalid_reports() {
    let validator = validator();
    let json = report::<v1::Order, v2::Order>("orders", Role::Value).to_json();
    let good = valid(&validator, &json);
    type Edit = fn(&mut Json);
    let edits: [(&str, Edit); 8] = [
        ("another version", |json| json["typeser-report"] = 2.into()),
        ("an unknown verdict", |json| json["verdict"] = "fine".into()),
        ("no reports", |json| drop(json.as_object_mut().unwrap().remove("reports"))),
        ("a role that is none", |json| json["reports"][0]["role"] = "keys".into()),
        ("a finding without a path", |json| {
            drop(json["reports"][0]["findings"][0].as_object_mut().unwrap().remove("path"));
        }),
        ("an id that is none", |json| json["reports"][0]["findings"][0]["id"] = "12".into()),
        ("a line that is none", |json| json["reports"][0]["findings"][0]["location"]["line"] = 0.into()),
        ("bytes that are none", |json| {
            let finding = json["reports"][0]["findings"].as_array_mut().unwrap().last_mut().unwrap();
            finding["witness"]["examples"][0]["bytes"] = "0".into();
        }),
    ];
    for (what, edit) in edits {
        let mut json = good.clone();
        edit(&mut json);
        assert!(!validator.is_valid(&json), "{what}");
    }
}

#[test]
fn the_same_cause_has_one_id_in_many_reports() {
    let reports: Reports =
        ["a", "b", "c"].map(|state| report::<v1::Line, v2::Line>(state, Role::Value)).into_iter().collect();
    let json = valid(&validator(), &reports.to_json());
    let causes = json["causes"].as_array().unwrap();
    assert_eq!(causes.len(), 1);
    assert_eq!(causes[0]["findings"].as_array().unwrap().len(), 3);
}

#[test]
fn odd_names_survive() {
    let snapshot = |name: &str| {
        let name = format!("{name:?}");
        let text = format!(
            "typeser-snapshot 1\nname {name}\nversion 1\nintegers fixed\nroot {name}\n\nstruct {name} v1\n  {name} string\n"
        );
        SerializerSnapshot::from_text(&text).unwrap_or_else(|error| panic!("{error} in\n{text}"))
    };
    let (stored, new) = (snapshot("a \"quoted\\name"), snapshot("größe\u{1b}"));
    let resolution = resolve(&stored, &new, Role::Value, &Policy::default());
    let json = valid(&validator(), &Report::new("it", &resolution).to_json());
    let finding = &json["reports"][0]["findings"][0];
    assert_eq!(finding["stored"]["type"], "a \"quoted\\name");
    assert_eq!(finding["new"]["type"], "größe\u{1b}");
}
