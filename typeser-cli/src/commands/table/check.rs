//! `typeser table check`: whether a program with the recorded types can open the tables of a database.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use typeser::report::Report;
use typeser::resolve::{Compatibility, Losses, Policy};
use typeser_state::typed_table::{TableCatalog, TableError, TableInfo};

use super::database::{Catalog, open_unwritten, with_tables};
use super::snapshots::Snapshots;
use crate::choices::{LossesChoice, VerdictChoice};
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Comparison, Levels, Options, Pair, Problem, Side, count, in_repository};
use crate::stdout::stdout;

/// Check whether a program with the recorded types can open the tables
#[derive(Debug, clap::Args)]
#[command(after_help = "Each typed table is compared with the snapshots of its name, which
`Suite::table` records: those of the newest release in goldens, or today's,
which `typeser golden current` writes. The verdict is what opening the table
would find. Goldens record keys without an order, so an ordered table is checked
as one. Findings that were accepted for `typeser check` are not accepted here:
opening the table would refuse them.

Examples:
  typeser table check shop.redb
  typeser table check shop.redb --golden target/current
  typeser table check shop.redb --format github --fail-on requires-migration

Formats: human, short, json, jsonl, github, gitlab, junit, sarif, markdown.

Exit codes: 0 success, 100 findings of --fail-on or worse, 101 failure, 2 usage
error.")]
pub(crate) struct Arguments {
    /// The file of the database, which is not changed
    file: PathBuf,
    /// Goldens, or a folder of today's snapshots; also `REV:dir` from git
    /// [default: golden]
    #[arg(long, value_name = "FOLDER")]
    golden: Option<OsString>,
    /// The release of the goldens, instead of the newest one
    #[arg(long, value_name = "X")]
    release: Option<String>,
    /// Check only this table; may be repeated
    #[arg(long, value_name = "NAME")]
    table: Vec<String>,
    /// Fail on this verdict or a worse one [default: incompatible]
    #[arg(long, value_enum, value_name = "VERDICT")]
    fail_on: Option<VerdictChoice>,
    /// Which stored data may be dropped [default: declared]
    #[arg(long, value_enum)]
    losses: Option<LossesChoice>,
    #[command(flatten)]
    output: Options,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let config = Config::load(None, arguments.golden.as_deref().map(Path::new))?;
    let folder = arguments.golden.clone().unwrap_or_else(|| config.default_golden_folder());
    let mut catalog = TableCatalog::over(open_unwritten(&arguments.file)?);
    let snapshots = Snapshots::read(&folder, arguments.release.as_deref())?;
    let comparison = compare(arguments, &config, &mut catalog, &snapshots)?;
    arguments.output.report(&comparison, &mut stdout())?;
    Ok(if comparison.passes() { Exit::Fine } else { Exit::Findings })
}

fn compare(
    arguments: &Arguments,
    config: &Config,
    catalog: &mut Catalog,
    snapshots: &Snapshots,
) -> Result<Comparison, Failure> {
    let losses = arguments.losses.or(config.losses).map_or(Losses::Declared, |choice| choice.0);
    let policy = Policy { losses, ..Policy::default() };
    let mut known = BTreeSet::new();
    let stored = catalog.tables()?;
    let names: Vec<String> = match arguments.table.is_empty() {
        true => stored.iter().map(|table| table.name.clone()).collect(),
        // A table that is named twice is checked once.
        false => arguments.table.iter().filter(|name| known.insert(*name)).cloned().collect(),
    };
    let (mut pairs, mut remarks, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    let (mut tables, file) = (0, arguments.file.display().to_string());
    for name in names {
        let Some(target) = snapshots.target(&name) else {
            if !arguments.table.is_empty() {
                return Err(snapshots.missing(&format!("table `{name}`")).into());
            }
            remarks.push(format!("table `{name}` is not compared: {} has no snapshot of it", snapshots.described()));
            continue;
        };
        tables += 1;
        match catalog.compare(&target, &policy) {
            Ok(reports) => {
                let migrates = reports.iter().any(|report| report.compatibility() == Compatibility::RequiresMigration);
                let table = stored.iter().find(|table| migrates && table.name == name);
                remarks.extend(table.and_then(built_indexes));
                pairs.extend(reports.into_iter().map(|report| pair(&file, &name, snapshots, report)));
            }
            Err(error @ TableError::NotOrdered { .. }) => problems.push(Problem {
                kind: "not-ordered",
                message: error.to_string(),
                help: "use keys that have an order, as the table has".to_owned(),
                ..Problem::default()
            }),
            Err(error) => return Err(with_tables(catalog, error)),
        }
    }
    // A check that compares nothing must not pass.
    if tables == 0 {
        return Err(snapshots.missing("any table of the database").into());
    }
    let release = snapshots.reader().to_owned();
    let recorded = &snapshots.recorded;
    Ok(Comparison {
        command: "table check",
        compared: format!("checked {} of {file} against {}", count(tables, "table"), snapshots.described()),
        about: in_repository(&arguments.file),
        releases: vec![file.clone(), release],
        fail_on: arguments.fail_on.or(config.fail_on).map_or(Compatibility::Incompatible, |choice| choice.0),
        levels: Levels::default(),
        reports_safe: true,
        pairs,
        problems,
        remarks,
        today: snapshots.release.is_none().then(|| recorded.source.to_string()),
        typed: recorded.typed().into_iter().chain([(in_repository(&arguments.file), file)]).collect(),
        settings: None,
    })
}

/// What opening a table does that migrates and has indexes.
fn built_indexes(TableInfo { name, indexes, .. }: &TableInfo) -> Option<String> {
    let names: Vec<String> = indexes.iter().map(|index| format!("`{}`", index.name)).collect();
    (!names.is_empty()).then(|| {
        format!(
            "opening table `{name}` builds those of its indexes again that the program declares: {}",
            names.join(", ")
        )
    })
}

/// One part of a table, as the recorded type of it reads what is stored.
fn pair(file: &str, table: &str, snapshots: &Snapshots, report: Report) -> Pair {
    let role = report.role();
    let of_reader = snapshots.recorded.file(snapshots.release.as_deref(), table, role);
    Pair {
        state: table.to_owned(),
        role,
        writer: Side { release: file.to_owned(), file: None },
        reader: Side { release: snapshots.reader().to_owned(), file: of_reader },
        is_rollback: false,
        is_asked: true,
        report: report.with_origin(format!("the database {file}")),
        accepted: Vec::new(),
        pin: None,
    }
}
