//! `typeser golden current`: runs the golden tests so that they write today's snapshots.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use super::{Failure, cargo, count};
use crate::exit::Exit;

/// The variable that golden tests know.
const VARIABLE: &str = "TYPESER_GOLDEN_CURRENT";

/// Write today's snapshots: runs `cargo test`, too
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser golden current --out target/current
  typeser golden current --out target/current -- -p orders

`typeser check` holds them against all releases. This sets TYPESER_GOLDEN_CURRENT
and runs `cargo test`, so it compiles and runs your own code.")]
pub(super) struct Arguments {
    /// The folder that is written
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// What else `cargo test` is to be told
    #[arg(last = true, value_name = "CARGO ARGS")]
    cargo: Vec<OsString>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let out = &arguments.out;
    let failed = |reason: io::Error| {
        format!("{}: the folder cannot be made: {reason}\nhelp: name a folder that you may write to", out.display())
    };
    fs::create_dir_all(out).map_err(failed)?;
    // Tests run in the folder of their package.
    let absolute = fs::canonicalize(out).map_err(failed)?;
    let before = snapshots(&absolute);
    if before > 0 {
        return Err(format!(
            "{}: it holds {} already, and what is gone today would stay there\nhelp: remove the folder, or name another",
            out.display(),
            count(before, "snapshot")
        )
        .into());
    }
    cargo::test(VARIABLE, absolute.as_os_str(), &arguments.cargo)?;
    let written = snapshots(&absolute);
    if written == 0 {
        return Err("the tests passed, but none of them wrote a snapshot\n\
             help: is there a golden test? docs/first-golden-test.md shows one. Did it run? Name no other tests"
            .into());
    }
    writeln!(anstream::stderr(), "wrote {} to {}", count(written, "snapshot"), out.display())?;
    Ok(Exit::Fine)
}

fn snapshots(folder: &std::path::Path) -> usize {
    let names =
        fs::read_dir(folder).into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.filter(|name| name.ends_with(".json")).count()
}
