//! The commands that a failing golden test suggests, run as they are printed.

use std::path::Path;
use std::process::Output;

use crate::runner::{Place, TYPESER, kept, repository};

/// A program and its golden test, with more calls on the suite.
fn program(fields: &str, values: &str, says: &str) -> String {
    format!(
        "use typeser::StateType;
#[derive(StateType)]
pub struct Order {{ {fields} }}
#[test]
fn every_release_can_be_read() -> Result<(), typeser::golden::Failure> {{
    let orders = [Order {{ {values} }}];
    typeser::golden::Suite::new(env!(\"CARGO_MANIFEST_DIR\")).value(\"orders\", orders){says}.verify()
}}
"
    )
}

fn manifest(workspace: &str) -> String {
    let typeser = repository().join("typeser");
    format!(
        "[package]\nname = \"orders\"\nversion = \"1.0.0\"\nedition = \"2024\"\n{workspace}\
         [dependencies]\ntypeser = {{ path = {typeser:?} }}\n"
    )
}

/// Runs a line in a shell that finds the command.
fn shell(place: &Place, line: &str) -> Output {
    let typeser = Path::new(TYPESER).parent().unwrap().to_owned();
    let others = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths([typeser].into_iter().chain(std::env::split_paths(&others))).unwrap();
    let mut command = place.user("sh");
    command.args(["-c", line]).env("PATH", path);
    command.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "user.name").env("GIT_CONFIG_VALUE_0", "Ada");
    command.output().unwrap()
}

/// What was printed, if it ended with this code.
fn ended(output: &Output, code: i32) -> String {
    let printed = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8(bytes.clone()).unwrap()).concat();
    assert_eq!(output.status.code(), Some(code), "{printed}");
    printed
}

/// Lets the golden test of a package fail, runs the commands that it suggests, and returns them. The package is in a
/// folder below the current one.
fn pasted(place: &Place, package: &str, says: &str) -> Vec<String> {
    let write = |fields: &str, values: &str| {
        let path = place.path().join(package).join("src/lib.rs");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, program(fields, values, says)).unwrap();
    };
    write("number: u32, customer: String, gift: bool", "number: 7, customer: String::from(\"Ada\"), gift: true");
    ended(&shell(place, "typeser golden record --release 1.0.0"), 0);
    ended(&shell(place, "cargo test"), 0);
    write("number: u16, buyer: String, gift: bool", "number: 7, buyer: String::from(\"Ada\"), gift: true");
    let output = ended(&shell(place, "cargo test"), 101);
    let lines: Vec<String> =
        output.lines().filter(|line| line.starts_with("    typeser ")).map(|line| line.trim().to_owned()).collect();
    for line in &lines {
        ended(&shell(place, line), 0);
    }
    ended(&shell(place, "cargo test"), 0);
    // The first command comes first.
    ended(&shell(place, &lines[0]), 0);
    lines
}

/// The lines with the findings left out of them.
fn shapes(lines: &[String]) -> Vec<String> {
    let word = |word: &str| if word.len() == 16 { String::from("FINDING") } else { word.to_owned() };
    lines.iter().map(|line| line.split(' ').map(word).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
#[cfg(unix)]
fn commands_in_a_golden_tests_message_work_in_a_package() {
    let place = Place::new().file("Cargo.toml", manifest("")).file("Cargo.lock", kept("Cargo.lock"));
    let accept = "typeser accept FINDING --reason \"...\" --in target/current --against golden";
    assert_eq!(
        shapes(&pasted(&place, "", "")),
        ["typeser golden current --out target/current", accept, accept, accept]
    );
}

#[test]
#[cfg(unix)]
fn commands_in_a_golden_tests_message_work_in_a_workspace_and_check_the_same() {
    let workspace = "[workspace]\nmembers = [\"crates/*\"]\nresolver = \"3\"\n";
    let place = Place::new().file("Cargo.toml", workspace).file("Cargo.lock", kept("Cargo.lock"));
    let place = place.file("crates/orders/Cargo.toml", manifest(""));
    let says = ".direction(typeser::resolve::Direction::Full).folder(\"../../old releases\")";
    let accept =
        "typeser accept FINDING --reason \"...\" --in target/current --against \"old releases\" --direction full";
    let lines = shapes(&pasted(&place, "crates/orders", says));
    assert_eq!(lines[0], "typeser golden current --out target/current -- -p orders");
    assert!(lines.len() > 3, "rollbacks fail as well: {lines:?}");
    assert_eq!(lines[1..].iter().filter(|line| *line != accept).collect::<Vec<_>>(), Vec::<&String>::new());
}
