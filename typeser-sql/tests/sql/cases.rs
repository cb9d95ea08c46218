//! The files in `tests/cases`: queries with the tables that the command prints. `TYPESER_WRITE_CASES=1` writes the
//! tables anew; read the difference then. A comment in a query asks for another format, or says that the query fails.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::fixtures;

/// Begins a line of output.
const OUTPUT: &str = "-->";
/// Begins a comment with the format of the output, if it is no table.
const FORMAT: &str = "-- Format: ";
/// Begins a comment with the reason why a query fails. Others may not: an error is not kept by accident.
const ERROR: &str = "-- Error: ";

#[test]
fn all_types() {
    check("types", fixtures::types);
}

#[test]
fn all_kinds_of_states() {
    check("states", |folder| {
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden/savepoint/v2/orders");
        std::fs::create_dir(folder).unwrap();
        for file in std::fs::read_dir(golden).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), folder.join(file.file_name())).unwrap();
        }
    });
}

#[test]
fn names_that_need_quotes() {
    check("names", fixtures::names);
}

#[test]
fn nulls_in_each_format() {
    check("nulls", fixtures::types);
}

/// Runs the queries of a file over a savepoint, and compares what is printed.
fn check(name: &str, savepoint: impl FnOnce(&Path)) {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("savepoint");
    savepoint(&directory);
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(format!("{name}.sql"));
    let stored = std::fs::read_to_string(&path).unwrap();
    let mut query = String::new();
    let mut found = String::new();
    for line in stored.lines().filter(|line| !line.starts_with(OUTPUT)) {
        found.push_str(&format!("{line}\n"));
        query.push_str(&format!("{line}\n"));
        if line.ends_with(';') {
            for line in run(&directory, &query).lines() {
                found.push_str(format!("{OUTPUT} {line}").trim_end());
                found.push('\n');
            }
            query.clear();
        }
    }
    if std::env::var_os("TYPESER_WRITE_CASES").is_some() {
        std::fs::write(&path, found).unwrap();
    } else {
        assert_eq!(found, stored, "{}", path.display());
    }
}

/// What the command prints: a result, or the error that the query says.
fn run(savepoint: &Path, query: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_typeser-sql"));
    let format = query.lines().find_map(|line| line.strip_prefix(FORMAT)).unwrap_or("table");
    command
        .arg(savepoint)
        .args(["--format", format])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    running.stdin.take().unwrap().write_all(query.as_bytes()).unwrap();
    let output = running.wait_with_output().unwrap();
    let printed = String::from_utf8([output.stdout, output.stderr.clone()].concat()).unwrap();
    let fails = query.lines().any(|line| line.starts_with(ERROR));
    assert_eq!(output.status.code(), Some(if fails { 101 } else { 0 }), "{query}\n{printed}");
    assert_eq!(output.stderr.starts_with(b"error: "), fails, "{query}\n{printed}");
    printed
}
