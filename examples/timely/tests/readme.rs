//! The program ends well, and tells what its README says that it tells.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::path::Path;
use std::process::Command;

#[test]
fn the_readme_shows_what_the_program_prints() {
    let output = Command::new(env!("CARGO_BIN_EXE_flights-on-timely")).output().unwrap();
    let (told, complaints) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{told}{complaints}");
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    assert!(readme.contains(&format!("```text\n{told}```\n")), "the README should say:\n{told}");
}
