//! `typeser diff`: every change between two snapshots, with its verdict.

use std::ffi::OsString;
use std::io::Write as _;

use typeser::report::{Report, Reports};
use typeser::resolve::{Compatibility, Policy, Resolution, resolve};

use super::{Failure, Usage};
use crate::choices::{LossesChoice, RoleChoice, VerdictChoice};
use crate::exit::Exit;
use crate::input::{self, Input};
use crate::stdout::print;

/// Compare two snapshots: every change with its verdict, safe ones too
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser diff old.json new.json
  typeser diff v1.4.0:golden/1.4.0/orders.value.json new.json --role key
  my-program --snapshot | typeser diff golden/1.4.0/orders.value.snap - --fail-on requires-migration

Exit codes: 0 fine, 100 a verdict of --fail-on or worse, 101 could not compare, 2 usage.")]
pub(crate) struct Arguments {
    /// The snapshot that wrote the bytes: a path, `-`, or `REV:path` from git
    old: OsString,
    /// The snapshot that is to read them
    new: OsString,
    /// What the values are used for
    #[arg(long, value_enum, default_value = "value")]
    role: RoleChoice,
    /// Which losses of stored data may be
    #[arg(long, value_enum, default_value = "declared")]
    losses: LossesChoice,
    /// From which verdict on to exit with 100
    #[arg(long, value_enum, default_value = "incompatible")]
    fail_on: VerdictChoice,
    /// In which form to tell it
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// Whole reports, for people
    Human,
    /// One line a finding
    Short,
    /// A versioned document, for programs
    Json,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    if arguments.old == "-" && arguments.new == "-" {
        return Err(Usage(
            "only one of the two can be `-`: standard input is read once\nhelp: name a file for the other".to_owned(),
        )
        .into());
    }
    let old = input::snapshot(&arguments.old)?;
    let new = input::snapshot(&arguments.new)?;
    let resolution = resolve(&old.snapshot, &new.snapshot, arguments.role.0, &Policy { losses: arguments.losses.0 });
    let report = Report::new(format!("{} of `{}`", arguments.role.0, old.snapshot.name()), &resolution)
        .with_origin(old.source.to_string());
    let reports: Reports = [report].into_iter().collect();
    match arguments.format {
        Format::Human => print(&reports)?,
        Format::Short => print(reports.short())?,
        Format::Json => print(reports.to_json())?,
    }
    drop(write!(anstream::stderr(), "{}", summary(&old, &new, &resolution)));
    let fails = resolution.compatibility() >= arguments.fail_on.0;
    Ok(if fails { Exit::Findings } else { Exit::Fine })
}

/// What was compared, and what came out of it.
fn summary(old: &Input, new: &Input, resolution: &Resolution) -> String {
    let meaning = match resolution.compatibility() {
        Compatibility::Compatible => "stored bytes are read and written as they are",
        Compatibility::AfterReconfigure => "the new serializer adopts the stored layout, no stored byte changes",
        Compatibility::RequiresMigration => "stored bytes are read with the old layout and written with the new one",
        Compatibility::Incompatible => "some stored value could not be carried over, or might be misread",
    };
    format!(
        "compared {} ({}) with {} ({}) as {}\n{}: {meaning}\n",
        old.source,
        resolution.stored(),
        new.source,
        resolution.new_serializer(),
        resolution.role(),
        resolution.compatibility(),
    )
}
