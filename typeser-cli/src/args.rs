//! What can be typed.

use clap::{Parser, Subcommand};

use crate::commands::{diff, explain, inspect, rules};

/// Holds snapshots, goldens and savepoints against each other, without the program that wrote them.
#[derive(Debug, Parser)]
#[command(name = "typeser", version, about, propagate_version = true, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Diff(diff::Arguments),
    Explain(explain::Arguments),
    Inspect(inspect::Arguments),
    Rules(rules::Arguments),
}
