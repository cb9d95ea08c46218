//! `typeser table migrate`: migrates typed tables to other types, without the program that wrote them.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use typeser::migrate::NoMigration;
use typeser::report::Reports;
use typeser::resolve::Policy;
use typeser_state::typed_table::{TableAction, TableDryRun, TableError, TableOptions, TableTarget};

use super::database::{Catalog, open_for, with_tables};
use super::snapshots::Snapshots;
use crate::choices::LossesChoice;
use crate::commands::savepoint::{report_changes, rows};
use crate::exit::Exit;
use crate::failure::{Failure, Usage};
use crate::stderr::say;
use crate::stdout::print;
use crate::table::Table;

/// What does the same inside the program.
const INSIDE: &str = "\
help: open the table inside the program that has them, which migrates it:
   | TypedTable::<K, V>::open(&database, name)?;";

/// Migrate typed tables to other types, in the file of the database
#[derive(Debug, clap::Args)]
#[command(after_help = "SNAPSHOTS is a folder of goldens, of which the newest release counts, or of
snapshots as `typeser golden current` writes them:
  TABLE.map-key.json   the keys of a table
  TABLE.value.json     its values
A part without a snapshot does not change. All tables migrate, or none. The rows
are migrated into second tables, and one transaction replaces all: a run that is
ended before it changes no row, and the next one resumes.

Examples:
  typeser table migrate shop.redb --to golden --dry-run
  typeser table migrate shop.redb orders --to golden --keep-previous 1.4.0

Exit codes: 0 success, 100 incompatible, or the migration needs functions of the
program, 101 failure, 2 usage error.")]
pub(crate) struct Arguments {
    /// The file of the database
    file: PathBuf,
    /// The tables [default: every table that SNAPSHOTS has a snapshot of]
    name: Vec<String>,
    /// The new snapshots: a folder, or `REV:dir` from git
    #[arg(long, value_name = "SNAPSHOTS")]
    to: OsString,
    /// The release of the goldens, instead of the newest one
    #[arg(long, value_name = "X")]
    release: Option<String>,
    /// Report the result for every table and row without changing anything
    #[arg(long)]
    dry_run: bool,
    /// Keep the rows as they are, under the name of the release that wrote them, for
    /// `typeser table rollback`
    #[arg(long, value_name = "RELEASE")]
    keep_previous: Option<String>,
    /// Which stored data may be dropped
    #[arg(long, value_enum, default_value = "declared")]
    losses: LossesChoice,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let snapshots = Snapshots::read(&arguments.to, arguments.release.as_deref())?;
    let named = named(&arguments.name, &snapshots)?;
    let mut catalog = open_for(&arguments.file, arguments.dry_run)?;
    let targets = if named.is_empty() { all(&mut catalog, &snapshots)? } else { named };
    let mut options = TableOptions::new().with_policy(Policy { losses: arguments.losses.0, ..Policy::default() });
    if let Some(release) = &arguments.keep_previous {
        options = options.keep_previous(release);
    }
    if arguments.dry_run {
        return match catalog.dry_run(&targets, &options) {
            Ok(runs) => forecast(&runs),
            Err(error) => refused(&mut catalog, error),
        };
    }
    let bar = bar();
    let ended = catalog.migrate(&targets, &options, &mut |progress| {
        bar.set_message(format!("{}, {}", progress.table, rows(progress.rows)));
    });
    bar.finish_and_clear();
    match ended {
        Ok(actions) => {
            let tables = catalog.tables()?;
            for (TableTarget { table, .. }, action) in targets.iter().zip(actions) {
                let now = tables.iter().find(|now| now.name == *table).map_or(0, |now| now.rows);
                say(match action {
                    TableAction::Migrate => format!("{table}: migrated {}", rows(now)),
                    _ => format!("{table}: fits; no row was rewritten"),
                });
            }
            Ok(Exit::Fine)
        }
        Err(error) => refused(&mut catalog, error),
    }
}

/// What the tables that were named are to become.
fn named(names: &[String], snapshots: &Snapshots) -> Result<Vec<TableTarget>, Usage> {
    let target = |name: &String| snapshots.target(name).ok_or_else(|| snapshots.missing(&format!("table `{name}`")));
    // A table that is named twice is migrated once.
    let mut known = BTreeSet::new();
    names.iter().filter(|name| known.insert(*name)).map(target).collect()
}

/// What all tables that there are snapshots of are to become.
fn all(catalog: &mut Catalog, snapshots: &Snapshots) -> Result<Vec<TableTarget>, Failure> {
    let tables = catalog.tables()?;
    let targets: Vec<_> = tables.iter().filter_map(|table| snapshots.target(&table.name)).collect();
    if targets.is_empty() { Err(snapshots.missing("any table of the database").into()) } else { Ok(targets) }
}

/// Says why nothing was migrated.
fn refused(catalog: &mut Catalog, error: TableError) -> Result<Exit, Failure> {
    let problems = match &error {
        TableError::Set(set) => set.problems(),
        other => std::slice::from_ref(other),
    };
    let is_verdict = |problem: &TableError| {
        matches!(problem, TableError::Refused(_) | TableError::NoMigration { .. } | TableError::ReadOnly { .. })
    };
    if let Some(other) = problems.iter().position(|problem| !is_verdict(problem)) {
        return match error {
            TableError::Set(set) => match set.problems().get(other) {
                Some(TableError::NoSuchTable { table }) => {
                    Err(with_tables(catalog, TableError::NoSuchTable { table: table.clone() }))
                }
                Some(problem) => Err(problem.to_string().into()),
                None => Err(TableError::Set(set).into()),
            },
            error => Err(with_tables(catalog, error)),
        };
    }
    for problem in problems {
        match problem {
            TableError::Refused(refusal) => {
                report_changes(refusal.reports());
                say(format_args!("table `{}` cannot be migrated to these types", refusal.table()));
            }
            TableError::NoMigration { table, part, source: NoMigration::Unlinked { ids, .. } } => {
                let ids = ids.join("`, `");
                say("error: functions of the program are needed, and no file holds them");
                say(format_args!("   = the {part} of table `{table}`: `{ids}`\n{INSIDE}"));
            }
            other => say(format_args!("error: {other}")),
        }
    }
    say("nothing was written or changed");
    Ok(Exit::Findings)
}

/// The result of a dry run.
fn forecast(runs: &[TableDryRun]) -> Result<Exit, Failure> {
    let reports: Reports =
        runs.iter().filter_map(|run| run.reports.as_ref()).flat_map(Reports::reports).cloned().collect();
    report_changes(&reports);
    let mut table = Table::new(["table", "action", "rows", "bytes", "new bytes", "failed"], &[2, 3, 4, 5]);
    let mut details = String::new();
    for run in runs {
        let counts = [run.rows, run.bytes, run.new_bytes, run.failed].map(|count| count.to_string());
        let [count, bytes, new_bytes, failed] = counts;
        table.add_row([run.table.clone(), action(run.action).to_owned(), count, bytes, new_bytes, failed]);
        for lost in &run.dropped_data {
            details.push_str(&format!(
                "loss [{}] {} / {}: {} of {} have data there\n",
                lost.rule,
                run.table,
                lost.path,
                rows(lost.rows),
                run.rows
            ));
        }
        run.failures.iter().for_each(|failure| details.push_str(&format!("failed {failure}\n")));
        let more = run.failed - run.failures.len() as u64;
        if more > 0 {
            details.push_str(&format!("failed {}: {} more\n", run.table, rows(more)));
        }
    }
    print(format_args!("{}{details}", table.text()))?;
    let failed: u64 = runs.iter().map(|run| run.failed).sum();
    say(match failed {
        0 => "no problems; nothing was written".to_owned(),
        failed => format!("{} cannot be migrated; nothing was written", rows(failed)),
    });
    Ok(if failed > 0 { Exit::Findings } else { Exit::Fine })
}

fn action(action: TableAction) -> &'static str {
    match action {
        TableAction::Migrate => "migrate",
        TableAction::MigrateLazily => "migrate lazily",
        TableAction::Refresh => "new snapshots",
        _ => "none",
    }
}

/// Shows how far a migration has come, on a terminal.
fn bar() -> ProgressBar {
    let target = match std::io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let bar = ProgressBar::with_draw_target(None, target);
    // The template is a constant. If it were invalid, the default style would remain.
    if let Ok(style) = ProgressStyle::with_template("{spinner} migrating {msg}, {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    drop(std::io::stderr().flush());
    bar
}
