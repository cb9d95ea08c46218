//! What can be typed.

use clap::{Parser, Subcommand};

use crate::commands::{accept, check, completions, diff, explain, golden, inspect, man, rules};

/// Holds snapshots, goldens and savepoints against each other, without the program that wrote them
#[derive(Debug, Parser)]
#[command(
    name = "typeser",
    version,
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
    Check(check::Arguments),
    Accept(accept::Arguments),
    Golden(golden::Arguments),
    Explain(explain::Arguments),
    Rules(rules::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}
