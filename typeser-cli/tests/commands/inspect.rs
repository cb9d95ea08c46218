//! `typeser inspect`.

use crate::runner::{Place, kept, repository};

fn place() -> Place {
    let names = ["order.json", "every-kind.json", "recursive.bin", "odd-names.txt", "integer.json"];
    names.into_iter().fold(Place::new(), |place, name| place.file(name, kept(&format!("golden/snapshot/v1/{name}"))))
}

#[test]
fn snapshots_are_shown_as_trees() {
    let place = place();
    let all = ["order.json", "every-kind.json", "recursive.bin", "odd-names.txt", "integer.json"];
    insta::assert_snapshot!(all.map(|name| place.run(&format!("inspect {name}"))).concat());
}

#[test]
fn savepoints_are_shown_as_trees() {
    let savepoint = repository().join("golden/savepoint/v1/orders");
    insta::assert_snapshot!(Place::new().run(&format!("inspect {}", savepoint.display())));
    let manifest = savepoint.join("manifest.typeser");
    assert!(Place::new().run(&format!("inspect {}", manifest.display())).ends_with("--- exit 0\n"));
}

#[test]
fn json_is_a_versioned_document() {
    let place = place();
    insta::assert_snapshot!(place.run("inspect order.json --format json"));
    let savepoint = repository().join("golden/savepoint/v1/orders");
    insta::assert_snapshot!(place.run(&format!("inspect {} --format json", savepoint.display())));
}

#[test]
fn deeply_nested_types_are_listed_side_by_side() {
    let types: Vec<String> = (0..5000)
        .map(|at| {
            format!(
                "{{\"struct\": \"S{at}\", \"fields\": [{{\"name\": \"next\", \"type\": \"option<S{}>\"}}]}}",
                (at + 1) % 5000
            )
        })
        .collect();
    let json = format!("{{\"typeser-snapshot\": 1, \"root\": \"S0\", \"types\": [{}]}}", types.join(","));
    let output = Place::new().file("deep.json", json).run("inspect deep.json");
    assert!(output.contains("next: option<S4999>") && output.ends_with("--- exit 0\n"));
    assert!(output.lines().all(|line| line.chars().count() < 120));
}

#[test]
fn other_folders_are_refused() {
    insta::assert_snapshot!(Place::new().file("notes/a.txt", "").run("inspect notes"));
}
