//! `typeser check`: compares all states with all recorded releases, as a gate for CI.

mod by_hand;
mod inputs;
mod messages;
mod options;
mod recorded;
mod semver;

pub(crate) use messages::acceptance;
pub(crate) use options::{CheckOptions, CheckResult};
pub(in crate::commands) use recorded::{Holds, Recorded};

use std::ffi::OsString;

use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Options;
use crate::stdout::stdout;

/// Check all states against all recorded releases
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser check
      whether the newest release in golden/ reads what the older ones wrote
  typeser check golden --against main:golden
      a release recorded here, against those of the main branch
  typeser check target/current --against golden
      today's types, written by `typeser golden current --out target/current`
  typeser check releases
      snapshots written by hand, as releases/1.0.0/orders.value.json
  typeser check --format github --report sarif=out.sarif --report junit=out.xml
      several formats at once

Formats: human, short, json, jsonl, github, gitlab, junit, sarif, markdown.
Options take precedence over the settings in typeser.toml.

Exit codes: 0 success, 100 findings of --fail-on or worse, 101 failure, 2 usage
error.")]
pub(crate) struct Arguments {
    /// Goldens or folders of snapshots, of which the newest release reads the older
    /// ones, or a folder of today's snapshots [default: golden]
    dir: Option<OsString>,
    #[command(flatten)]
    check: CheckOptions,
    #[command(flatten)]
    output: Options,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let config = arguments.check.config(arguments.dir.as_deref())?;
    let checked = arguments.check.check(arguments.dir.as_deref(), &config)?;
    output(&arguments.output, &config).report(&checked.comparison, &mut stdout())?;
    Ok(if checked.comparison.passes() { Exit::Fine } else { Exit::Findings })
}

/// The formats on the command line, else those of the settings.
fn output(options: &Options, config: &Config) -> Options {
    let reports = if options.reports.is_empty() { &config.reports } else { &options.reports };
    Options { format: options.format.or(config.format), reports: reports.clone() }
}
