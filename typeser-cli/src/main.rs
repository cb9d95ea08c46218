//! The command `typeser`: holds snapshots, goldens and savepoints against each other, without the program that wrote them.

mod args;
mod choices;
mod commands;
mod config;
mod exit;
mod input;
mod near;
mod output;
mod stdout;
mod terminal;

use std::process::ExitCode;

use clap::Parser as _;

use args::Arguments;

fn main() -> ExitCode {
    // clap ends the process by itself on a mistake in the arguments, with 2.
    let arguments = Arguments::parse();
    commands::run(&arguments).into()
}
