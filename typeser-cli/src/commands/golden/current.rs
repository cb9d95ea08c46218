//! `typeser golden current`: runs the golden tests to write today's snapshots.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use typeser::SerializerSnapshot;
use typeser::golden::state_of_stem;

use super::cargo;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::count;
use crate::stderr::say;

/// The variable that golden tests read.
const VARIABLE: &str = "TYPESER_GOLDEN_CURRENT";
/// The extension of their files.
const JSON: &str = ".json";

/// Write today's snapshots, by running `cargo test`
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser golden current --out target/current
  typeser golden current --out target/current -- -p orders

Then `typeser check DIR --against golden` compares them with all releases. This
command sets TYPESER_GOLDEN_CURRENT and runs `cargo test`, so it compiles and
runs your code.")]
pub(super) struct Arguments {
    /// The folder to write to; snapshots of earlier runs are replaced
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// More arguments for `cargo test`
    #[arg(last = true, value_name = "CARGO ARGS")]
    cargo: Vec<OsString>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let out = &arguments.out;
    let failed = |reason: io::Error| {
        format!("{}: the folder cannot be created: {reason}\nhelp: name a folder that you may write to", out.display())
    };
    fs::create_dir_all(out).map_err(failed)?;
    // Tests run in the folder of their package, so the path has to be absolute.
    let absolute = fs::canonicalize(out).map_err(failed)?;
    // Otherwise snapshots of removed states would remain, and old snapshots would remain after failed tests.
    for snapshot in written_before(&absolute, out)? {
        fs::remove_file(&snapshot).map_err(|reason| format!("{} cannot be removed: {reason}", snapshot.display()))?;
    }
    cargo::test(&[(VARIABLE, absolute.as_os_str())], &arguments.cargo)?;
    let written = snapshots(&absolute);
    if written == 0 {
        return Err("the tests passed, but none of them wrote a snapshot\n\
             help: add a golden test (`typeser guide first-golden-test`), or check that the arguments select it"
            .into());
    }
    say(format_args!("wrote {} to {}", count(written, "snapshot"), out.display()));
    Ok(Exit::Fine)
}

/// The snapshots that golden tests wrote into the folder. Other files are not replaced.
fn written_before(folder: &Path, name: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut snapshots = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry?.path();
        // Editors and file managers write hidden files.
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')) {
            continue;
        }
        if !is_written(&path) {
            return Err(format!(
                "{}: the folder has `{}`, which no golden test wrote\nhelp: name a folder that is used only for today's snapshots",
                name.display(),
                path.file_name().unwrap_or_default().to_string_lossy(),
            )
            .into());
        }
        snapshots.push(path);
    }
    Ok(snapshots)
}

/// Whether a file is byte for byte what a golden test writes for a state.
fn is_written(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_named = name.strip_suffix(JSON).and_then(state_of_stem).is_some();
    let text = fs::read_to_string(path).ok().filter(|_| is_named);
    text.is_some_and(|text| SerializerSnapshot::from_json(&text).is_ok_and(|snapshot| snapshot.to_json() == text))
}

fn snapshots(folder: &Path) -> usize {
    let names =
        fs::read_dir(folder).into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.filter(|name| name.ends_with(JSON)).count()
}
