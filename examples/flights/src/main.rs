//! Four releases of one small program, and the state that survives them.
//!
//! - `data` reads departures; `program` counts them; `release1` to `release4` define the types.
//! - `release` is one release, run as a separate process.
//! - `repair` finds impossible values in a savepoint, and corrects them.
//! - `story` runs the releases one after the other; `check` verifies its claims.

#![allow(unreachable_pub, reason = "a program has no interface; `pub` marks what other files use")]

mod args;
mod check;
mod data;
mod print;
mod program;
mod release;
mod release1;
mod release2;
mod release3;
mod release4;
mod repair;
mod story;

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use typeser_state::restore::RestoreError;

use args::{Command, USAGE};

/// The exit code of a release that refuses the state it finds.
const REFUSED: u8 = 3;

fn main() -> ExitCode {
    let outcome = match args::parse(std::env::args_os().skip(1)) {
        Ok(Command::Help) => print::help(USAGE),
        Ok(Command::Story(options)) => story::run_story(&options),
        Ok(Command::Repair(options)) => repair::run_repair(&options),
        Ok(Command::Release(number, options)) => story::release(number, &options),
        Err(mistake) => {
            complain(&mistake);
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(error.as_ref());
            match error.downcast_ref() {
                Some(RestoreError::Refused(_)) => ExitCode::from(REFUSED),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

fn complain(error: &dyn Error) {
    // If standard error is closed, only the exit code reports the error.
    let _ = writeln!(std::io::stderr(), "flights: {}", error.to_string().trim_end());
}
