//! `typeser golden record`: runs the golden tests to record a release.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::cargo;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::stderr::say;

/// The variable that golden tests read.
const VARIABLE: &str = "TYPESER_GOLDEN_RECORD";
/// The variable with which they record a release that cannot read what earlier ones stored.
const ACCEPT_INCOMPATIBLE: &str = "TYPESER_GOLDEN_ACCEPT_INCOMPATIBLE";
/// How deep below the current folder goldens are searched for.
const DEEPEST: usize = 5;

/// Record a release, by running `cargo test`
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser golden record --release 1.4.0
  typeser golden record --release 1.4.0 -- -p orders --test golden

This command sets TYPESER_GOLDEN_RECORD and runs `cargo test`, so it compiles
and runs your code. It refuses to run where the variable CI is set.")]
pub(super) struct Arguments {
    /// The name of the release
    #[arg(long, value_name = "X")]
    release: String,
    /// Record it even if its types cannot read what earlier releases stored
    #[arg(long)]
    accept_incompatible: bool,
    /// More arguments for `cargo test`
    #[arg(last = true, value_name = "CARGO ARGS")]
    cargo: Vec<OsString>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let release = &arguments.release;
    if cargo::is_ci() {
        return Err("nothing is recorded where the variable CI is set: CI compares goldens, and never records them\n\
             help: record the release on your machine, review `git diff`, and commit the goldens"
            .into());
    }
    let accepted = arguments.accept_incompatible.then_some((ACCEPT_INCOMPATIBLE, "1".as_ref()));
    let variables: Vec<_> = [(VARIABLE, release.as_ref())].into_iter().chain(accepted).collect();
    cargo::test(&variables, &arguments.cargo)?;
    let mut folders = Vec::new();
    find(Path::new("."), release, 0, &mut folders);
    if folders.is_empty() {
        return Err(format!(
            "the tests passed, but none of them recorded release {release} here\n\
             help: add a golden test (`typeser guide first-golden-test`); run this in the folder of its package or workspace, \
             and check that the arguments select the test"
        )
        .into());
    }
    for folder in folders {
        say(format_args!("recorded release {release} in {}: commit it", folder.display()));
    }
    Ok(Exit::Fine)
}

/// Folders of goldens that have this release.
fn find(folder: &Path, release: &str, depth: usize, found: &mut Vec<PathBuf>) {
    // A file that cannot be read was not just written by a test.
    let manifest = fs::read_to_string(folder.join("manifest.txt")).unwrap_or_default();
    if manifest.starts_with("typeser golden ")
        && manifest.lines().any(|line| line.strip_prefix("release ") == Some(release))
    {
        found.push(folder.strip_prefix(".").unwrap_or(folder).to_owned());
    }
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut folders: Vec<PathBuf> = entries
        .filter(|entry| {
            let name = entry.file_name();
            // `file_type` does not follow links, so the search ends.
            entry.file_type().is_ok_and(|kind| kind.is_dir())
                && name != "target"
                && !name.to_string_lossy().starts_with('.')
        })
        .map(|entry| entry.path())
        .collect();
    folders.sort();
    if depth < DEEPEST {
        folders.iter().for_each(|folder| find(folder, release, depth + 1, found));
    }
}
