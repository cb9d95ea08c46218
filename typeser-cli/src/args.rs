//! The command line: its subcommands, and which code runs each.

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::commands::{
    accept, cat, check, completions, diff, explain, golden, guide, inspect, man, migrate, preview, rekey, rules, state,
    table,
};
use crate::config::ConfigError;
use crate::exit::Exit;
use crate::failure::Usage;
use crate::stderr::say;

/// Compares and migrates stored state, without the program that wrote it
#[derive(Debug, Parser)]
#[command(
    name = "typeser",
    version,
    disable_help_subcommand = true,
    max_term_width = 80,
    // A screen has 24 lines, so no blank ones stand in the first three.
    help_template = "{about}\n{usage-heading} {usage}\n{all-args}{after-help}",
    after_help = "Exit codes: 0 success, 100 findings, 101 failure, 2 usage error."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Inspect(inspect::Arguments),
    Cat(cat::Arguments),
    Diff(diff::Arguments),
    Preview(preview::Arguments),
    Check(check::Arguments),
    Accept(accept::Arguments),
    Golden(golden::Arguments),
    State(state::Arguments),
    Table(table::Arguments),
    Migrate(migrate::Arguments),
    Rekey(rekey::Arguments),
    Explain(explain::Arguments),
    Rules(rules::Arguments),
    Guide(guide::Arguments),
    Completions(completions::Arguments),
    /// For packagers: hidden, so that the help fits a screen; the help of `completions` names it.
    #[command(hide = true)]
    Man(man::Arguments),
}

impl Arguments {
    /// Runs the subcommand, and reports a failure on standard error.
    pub(crate) fn run(&self) -> Exit {
        let ended = match &self.command {
            Command::Inspect(arguments) => inspect::run(arguments),
            Command::Cat(arguments) => cat::run(arguments),
            Command::Diff(arguments) => diff::run(arguments),
            Command::Preview(arguments) => preview::run(arguments),
            Command::Check(arguments) => check::run(arguments),
            Command::Accept(arguments) => accept::run(arguments),
            Command::Golden(arguments) => golden::run(arguments),
            Command::State(arguments) => state::run(arguments),
            Command::Table(arguments) => table::run(arguments),
            Command::Migrate(arguments) => migrate::run(arguments),
            Command::Rekey(arguments) => rekey::run(arguments),
            Command::Explain(arguments) => explain::run(arguments),
            Command::Rules(arguments) => rules::run(arguments),
            Command::Guide(arguments) => guide::run(arguments),
            Command::Completions(arguments) => completions::run(arguments, Self::command()),
            Command::Man(arguments) => man::run(arguments, Self::command()),
        };
        ended.unwrap_or_else(|failure| {
            say(format_args!("error: {failure}"));
            if failure.is::<Usage>() || failure.is::<ConfigError>() { Exit::Usage } else { Exit::Failed }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_below_the_options_fits_80_columns() {
        let mut command = Arguments::command();
        command.build();
        let mut commands = vec![&command];
        let mut lines = 0;
        while let Some(command) = commands.pop() {
            commands.extend(command.get_subcommands());
            let below = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            for line in below.lines() {
                lines += 1;
                assert!(line.chars().count() <= 80, "{}: {line}", command.get_name());
            }
        }
        assert!(lines > 50, "{lines} lines");
    }
}
