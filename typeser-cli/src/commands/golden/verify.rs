//! `typeser golden verify`: checks that every file is as it was recorded.

use std::ffi::OsString;

use typeser::golden::ReadGoldensError;

use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::output::count;
use crate::stderr::say;

/// Verify that every file is as it was recorded
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser golden verify
  typeser golden verify main:golden

`typeser check` also compares the types.

Exit codes: 0 success, 100 a file is not as it was recorded, 101 there are no
goldens, 2 usage error.")]
pub(super) struct Arguments {
    /// The folder of the goldens, or `REV:dir` from git [default: golden]
    dir: Option<OsString>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let dir = Config::golden_folder(arguments.dir.as_deref())?;
    let read = input::goldens(&dir);
    let dir = dir.to_string_lossy();
    match read {
        Ok(goldens) => {
            let releases: Vec<&str> = goldens.releases.iter().map(|release| release.name.as_str()).collect();
            let states = goldens.releases.iter().map(|release| release.goldens.len()).sum();
            let summary = format!(
                "{dir}: {} of {} ({}); every file is as it was recorded",
                count(states, "golden"),
                count(releases.len(), "release"),
                releases.join(", ")
            );
            say(summary);
            Ok(Exit::Fine)
        }
        Err(failure) => match failure.downcast_ref::<ReadGoldensError>() {
            Some(ReadGoldensError::NothingRecorded { .. } | ReadGoldensError::Io { .. }) | None => Err(failure),
            // The verification completed, and found this.
            Some(_) => {
                say(format_args!("error: {failure}"));
                Ok(Exit::Findings)
            }
        },
    }
}
