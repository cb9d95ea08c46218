//! One file a command.

pub(crate) mod accept;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod golden;
pub(crate) mod inspect;
pub(crate) mod man;
pub(crate) mod rules;

use std::io::Write as _;

use crate::args::{Arguments, Command};
use crate::config::ConfigError;
use crate::exit::Exit;

/// Runs what was typed. What went wrong is told on standard error.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let ended = match &arguments.command {
        Command::Accept(arguments) => accept::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Completions(arguments) => completions::run(arguments),
        Command::Diff(arguments) => diff::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Golden(arguments) => golden::run(arguments),
        Command::Inspect(arguments) => inspect::run(arguments),
        Command::Man(arguments) => man::run(arguments),
        Command::Rules(arguments) => rules::run(arguments),
    };
    ended.unwrap_or_else(|failure| {
        // Whoever closed standard error learns it from the exit code.
        drop(writeln!(anstream::stderr(), "error: {failure}"));
        if failure.is::<Usage>() || failure.is::<ConfigError>() { Exit::Usage } else { Exit::Failed }
    })
}

/// Why a command could not be brought to an end, in words that say what to do next.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// Arguments that do not fit each other, as no parser of arguments can know.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);
