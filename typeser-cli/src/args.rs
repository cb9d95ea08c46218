//! What can be typed.

use clap::{Parser, Subcommand};

use crate::commands::{accept, check, completions, diff, explain, golden, inspect, man, migrate, rekey, rules, state};

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
    State(state::Arguments),
    Migrate(migrate::Arguments),
    Rekey(rekey::Arguments),
    Explain(explain::Arguments),
    Rules(rules::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn what_stands_below_the_options_fits_80_columns() {
        let mut command = Arguments::command();
        command.build();
        let mut commands = vec![&command];
        let mut looked = 0;
        while let Some(command) = commands.pop() {
            commands.extend(command.get_subcommands());
            let below = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            for line in below.lines() {
                looked += 1;
                assert!(line.chars().count() <= 80, "{}: {line}", command.get_name());
            }
        }
        assert!(looked > 50, "{looked} lines");
    }
}
