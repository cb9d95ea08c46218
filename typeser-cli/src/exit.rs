//! How the command ends, as scripts read it.

use std::process::ExitCode;

/// The exit codes, as users of buf and cargo-semver-checks know them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing stands in the way.
    Fine,
    /// There are findings of the level asked for, or worse.
    Findings,
    /// It could not be brought to an end.
    Failed,
    /// The arguments are mistaken. clap ends the process with the same code where it notices.
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
