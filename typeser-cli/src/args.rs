//! What can be typed.

use clap::{Parser, Subcommand};

use crate::commands::{completions, diff, explain, inspect, man, migrate, rekey, rules, state};

/// Holds snapshots, goldens and savepoints against each other.
///
/// No program of yours is needed, compiled or run: files of plain data are enough.
#[derive(Debug, Parser)]
#[command(
    name = "typeser",
    version,
    about,
    long_about = None,
    propagate_version = true,
    disable_help_subcommand = true,
    max_term_width = 80,
    after_help = "Exit codes: 0 fine, 100 findings, 101 could not complete, 2 usage."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Inspect(inspect::Arguments),
    Diff(diff::Arguments),
    Explain(explain::Arguments),
    Rules(rules::Arguments),
    Migrate(migrate::Arguments),
    Rekey(rekey::Arguments),
    State(state::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}
