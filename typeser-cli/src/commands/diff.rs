//! `typeser diff`: compares two snapshots.

use std::ffi::OsString;

use typeser::report::Report;
use typeser::resolve::{Policy, resolve};

use crate::choices::{LossesChoice, RoleChoice, VerdictChoice};
use crate::declarations;
use crate::exit::Exit;
use crate::failure::{Failure, Usage};
use crate::input::{self, Input, Source};
use crate::output::{Comparison, File, Levels, Options, Pair, Side, Text, in_repository};
use crate::stdout::stdout;

/// Compare two snapshots: list every change with its verdict
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser diff old.json new.json
  typeser diff v1.4.0:golden/1.4.0/orders.value.json new.json --role key
  typeser diff old.snap - --fail-on requires-migration < new.json

Exit codes: 0 success, 100 --fail-on or worse, 101 failure, 2 usage error.")]
pub(crate) struct Arguments {
    /// The snapshot that wrote the bytes: a path, `-`, or `REV:path` from git
    old: OsString,
    /// The snapshot that reads them
    new: OsString,
    /// What the values are used for
    #[arg(long, value_enum, default_value = "value")]
    role: RoleChoice,
    /// Which stored data may be dropped
    #[arg(long, value_enum, default_value = "declared")]
    losses: LossesChoice,
    /// Exit with 100 on this verdict or a worse one
    #[arg(long, value_enum, default_value = "incompatible")]
    fail_on: VerdictChoice,
    #[command(flatten)]
    output: Options,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    if arguments.old == "-" && arguments.new == "-" {
        let message = "only one of the two can be `-`: standard input is read once\nhelp: name a file for the other";
        return Err(Usage(message.to_owned()).into());
    }
    let old = input::snapshot(&arguments.old)?;
    let new = input::snapshot(&arguments.new)?;
    let comparison = compare(arguments, old, new);
    arguments.output.report(&comparison, &mut stdout())?;
    Ok(if comparison.passes() { Exit::Fine } else { Exit::Findings })
}

/// Compares both sides.
fn compare(arguments: &Arguments, old: Input, new: Input) -> Comparison {
    let role = arguments.role.0;
    let resolution =
        resolve(&old.snapshot, &new.snapshot, role, &Policy { losses: arguments.losses.0, ..Policy::default() });
    let name = old.snapshot.name().to_owned();
    let mut report = Report::new(format!("{role} of `{name}`"), &resolution).with_origin(old.source.to_string());
    // Help is in the language of the files where a person edits both.
    if let (Some(_), Some(form)) = (old.form.edited(), new.form.edited()) {
        report = report.with_file_form(form);
    }
    let (stored, now) = (resolution.stored(), resolution.new_serializer());
    let declared = declarations::changes(&old.snapshot, &new.snapshot);
    let about = Some((name.clone(), role));
    let unseen = declarations::unseen(&new.snapshot);
    let typed = [&old, &new].into_iter().filter_map(|input| match &input.source {
        Source::Path(path) => Some((in_repository(path), path.display().to_string())),
        _ => None,
    });
    let typed = typed.collect();
    Comparison {
        command: "diff",
        compared: format!(
            "compared {} ({stored}) with {} ({now}) as {role}, {}",
            old.source,
            new.source,
            resolution.compatibility()
        ),
        about: new.source.to_string(),
        releases: vec![old.source.to_string(), new.source.to_string()],
        fail_on: arguments.fail_on.0,
        levels: Levels::default(),
        reports_safe: true,
        pairs: vec![Pair {
            state: name,
            role,
            writer: side(old),
            reader: side(new),
            is_rollback: false,
            is_asked: true,
            report,
            accepted: Vec::new(),
            pin: None,
        }],
        problems: declared.iter().filter_map(|change| change.problem(about.clone())).collect(),
        remarks: declared.iter().filter_map(declarations::Change::remark).chain(unseen).collect(),
        today: None,
        typed,
        settings: None,
    }
}

/// A side, with the file whose lines reports can name.
fn side(input: Input) -> Side {
    let release = input.source.to_string();
    // A binary snapshot has no lines.
    let held = Text::held(input.text.unwrap_or_default());
    let file = match &input.source {
        Source::Path(path) => Some(File { path: in_repository(path), text: held }),
        // The file may differ at another revision, but it has the same path.
        Source::Git { path, .. } => Some(File { path: path.trim_start_matches("./").to_owned(), text: held }),
        Source::Stdin => None,
    };
    Side { release, file }
}
