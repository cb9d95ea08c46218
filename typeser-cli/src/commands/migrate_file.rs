//! `typeser migrate` of a file with one value.

use std::ffi::OsStr;
use std::path::Path;

use typeser::file::{FileContents, MigrateContentsError};
use typeser::golden::write_atomically;
use typeser::report::{Report, Reports};
use typeser::resolve::{Policy, Role, resolve};

use super::savepoint::{Outcome, report_changes};
use crate::exit::Exit;
use crate::failure::{Failure, Usage};
use crate::input;
use crate::stderr::say;

/// Writes the value of a file in the layout of the snapshot `to`, into a new file.
pub(super) fn run(file: &Path, to: &OsStr, policy: &Policy, outcome: &Outcome) -> Result<Exit, Failure> {
    let stored = input::snapshot(file.as_os_str())?;
    let snapshot = input::snapshot(to)?.snapshot;
    let bytes = stored.value.as_ref().map(|value| value.bytes.as_slice()).unwrap_or_default();
    let old = FileContents { release: None, snapshot: stored.snapshot, value: bytes };
    let resolution = resolve(&old.snapshot, &snapshot, Role::Value, policy);
    let report = Report::new(format!("value of `{}`", snapshot.name()), &resolution);
    let mut reports = Reports::new();
    reports.push(report.with_origin(format!("file {}", stored.source)));
    report_changes(&reports);
    let value = match old.value_as(&snapshot, policy) {
        // It was reported.
        Err(MigrateContentsError::Incompatible(_)) => return Ok(Exit::Findings),
        Err(error @ MigrateContentsError::NoMigration(_)) => {
            say(format_args!("error: {}: {error}", stored.source));
            return Ok(Exit::Findings);
        }
        Err(error) => return Err(format!("{}: {error}", stored.source).into()),
        Ok(value) => value,
    };
    if outcome.dry_run {
        say(format_args!("{}: {}; nothing was written", stored.source, resolution.compatibility()));
        return Ok(Exit::Fine);
    }
    let Some(output) = &outcome.output else {
        return Err(Usage("name the new file with `--output NEW`".to_owned()).into());
    };
    if std::fs::symlink_metadata(output).is_ok() {
        return Err(format!("{}: it exists already\nhelp: name a new file with `--output`", output.display()).into());
    }
    let contents = FileContents { release: None, snapshot, value: &value };
    let bytes = contents.to_bytes()?;
    write_atomically(output, &bytes).map_err(|reason| format!("{}: {reason}", output.display()))?;
    say(format_args!("wrote {}: {} bytes", output.display(), bytes.len()));
    Ok(Exit::Fine)
}
