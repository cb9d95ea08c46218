//! One file a command.

pub(crate) mod explain;
pub(crate) mod rules;

use std::io::Write as _;

use crate::args::{Arguments, Command};
use crate::exit::Exit;

/// Runs what was typed. What went wrong is told on standard error.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let ended = match &arguments.command {
        Command::Explain(arguments) => explain::run(arguments),
        Command::Rules(arguments) => rules::run(arguments),
    };
    ended.unwrap_or_else(|failure| {
        // Whoever closed standard error learns it from the exit code.
        drop(writeln!(anstream::stderr(), "error: {failure}"));
        Exit::Failed
    })
}

/// Why a command could not be brought to an end, in words that say what to do next.
pub(crate) type Failure = Box<dyn std::error::Error>;
