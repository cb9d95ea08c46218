//! The command `typeser`: compares and migrates snapshots, goldens and savepoints without the program that wrote them.

mod args;
mod choices;
mod commands;
mod config;
mod declarations;
mod exit;
mod failure;
mod input;
mod output;
mod stderr;
mod stdout;
mod table;
mod terminal;

use std::process::ExitCode;

use clap::Parser as _;

use args::Arguments;

fn main() -> ExitCode {
    // On an error in the arguments, clap exits with 2.
    Arguments::parse().run().into()
}
