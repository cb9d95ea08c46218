//! The exit codes.

use std::process::ExitCode;

/// The exit codes. Those of buf and cargo-semver-checks have the same meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// No problem was found.
    Fine,
    /// There are findings of the requested level or worse.
    Findings,
    /// The command could not be completed.
    Failed,
    /// The arguments are invalid. clap exits with the same code for the errors that it detects.
    Usage,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::Findings => 100,
            Exit::Failed => 101,
            Exit::Usage => 2,
        })
    }
}
