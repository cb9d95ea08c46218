//! `typeser-sql export`: the tables of a savepoint as files of a new folder, `OPERATOR/STATE.parquet`.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum as _;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use datafusion::common::TableReference;
use futures::StreamExt as _;
use typeser::text::did_you_mean;
use typeser_sql::{Session, SessionTable, SqlError, TableKind};

use crate::output::{FileWriter, Format, OutputError};
use crate::unfinished::{Unfinished, UnfinishedError, sync_folder};

/// Write the tables of a savepoint or redb file to files that other programs read
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser-sql export savepoints/last --to parquet --output last-parquet
  typeser-sql export savepoints/last --to csv --table flights-by-tail.totals --output totals

Each table is a file, `OPERATOR/STATE.parquet`; `metadata` is a folder of its own. The tables
`keyed`, which repeat the rows of the others, are written if `--table` names them.

Exit codes: 0 success, 101 a row cannot be read or a file cannot be written, 2 usage error.")]
pub(crate) struct ExportArguments {
    /// The folder of the savepoint, or a redb file, which is not changed
    pub(crate) savepoint: PathBuf,
    /// The format of the files
    #[arg(long, default_value = "parquet", value_parser = PossibleValuesParser::new(["parquet", "csv", "jsonl"])
        .try_map(|name| Format::from_str(&name, false)))]
    to: Format,
    /// The folder to make; it must not exist
    #[arg(long, value_name = "FOLDER")]
    output: PathBuf,
    /// Write this table alone, such as `flights-by-tail.totals`; may be repeated
    #[arg(long = "table", value_name = "OPERATOR.STATE")]
    tables: Vec<String>,
}

/// Why an export is not complete. There is no folder then.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportError {
    #[error("there is no table `{name}`{hint}")]
    NoTable { name: String, hint: String },
    #[error("cannot export {table}: {source}")]
    Rows { table: String, source: SqlError },
    #[error(transparent)]
    Output(#[from] OutputError),
    #[error(transparent)]
    Unfinished(#[from] UnfinishedError),
    #[error("cannot {action} {}: {source}", path.display())]
    Folder { action: &'static str, path: PathBuf, source: std::io::Error },
    #[error("cannot print: {0}")]
    Print(std::io::Error),
}

/// Writes the wanted tables, and prints the name of each file with its number of rows.
pub(crate) async fn export(session: &Session, arguments: &ExportArguments) -> Result<(), ExportError> {
    let tables = wanted(session, &arguments.tables)?;
    let unfinished = Unfinished::new(&arguments.output)?;
    let folder = |path: &Path, action, source| ExportError::Folder { action, path: path.to_owned(), source };
    fs::create_dir(unfinished.path()).map_err(|source| folder(&arguments.output, "create", source))?;
    let mut names = FileNames::default();
    for table in tables {
        let (schema, name) = names.of(table, arguments.to);
        let within = unfinished.path().join(&schema);
        fs::create_dir_all(&within).map_err(|source| folder(&within, "create", source))?;
        let shown = arguments.output.join(&schema).join(&name);
        let rows = export_table(session, table, (&within.join(&name), &shown), arguments.to).await?;
        sync_folder(&within).map_err(|source| folder(&within, "sync", source))?;
        let line = format!("{schema}/{name}  {rows} {}\n", if rows == 1 { "row" } else { "rows" });
        std::io::stdout().lock().write_all(line.as_bytes()).map_err(ExportError::Print)?;
    }
    Ok(unfinished.finish()?)
}

/// The tables that were named; without names, all but those with one row per key.
fn wanted<'s>(session: &'s Session, names: &[String]) -> Result<Vec<&'s SessionTable>, ExportError> {
    let all = session.tables();
    if names.is_empty() {
        return Ok(all.iter().filter(|table| table.kind != TableKind::Keyed).collect());
    }
    let mut tables: Vec<&SessionTable> = Vec::new();
    for name in names {
        // As it is, or with the quotes that it needs in a query.
        let reference = TableReference::parse_str(name);
        let in_query = |table: &&SessionTable| {
            reference.table() == table.table && reference.schema().is_none_or(|schema| schema == table.schema)
        };
        let named = |table: &&SessionTable| *name == plain_name(table);
        let table = all.iter().find(named).or_else(|| all.iter().find(in_query)).ok_or_else(|| {
            let plain: Vec<String> = all.iter().map(plain_name).collect();
            let hint = did_you_mean(name, plain.iter().map(String::as_str));
            ExportError::NoTable { name: name.clone(), hint }
        })?;
        if !tables.contains(&table) {
            tables.push(table);
        }
    }
    Ok(tables)
}

fn plain_name(table: &SessionTable) -> String {
    format!("{}.{}", table.schema, table.table)
}

/// Writes a table to a file and returns its number of rows. Files of the savepoint follow each other, so that equal
/// savepoints give equal files; the next batch is read while one is written.
async fn export_table(
    session: &Session,
    table: &SessionTable,
    (path, shown): (&Path, &Path),
    format: Format,
) -> Result<u64, ExportError> {
    let failed = |source: datafusion::error::DataFusionError| ExportError::Rows {
        table: plain_name(table),
        source: SqlError::from(source),
    };
    let reference = TableReference::full(&*table.catalog, &*table.schema, &*table.table);
    let frame = session.context().table(reference).await.map_err(failed)?;
    let context = Arc::new(frame.task_ctx());
    let plan = frame.create_physical_plan().await.map_err(failed)?;
    let mut writer = FileWriter::create(path, shown, format, &plan.schema())?;
    let mut rows = 0u64;
    for partition in 0..plan.properties().partitioning.partition_count() {
        let mut batches = plan.execute(partition, Arc::clone(&context)).map_err(failed)?;
        while let Some(batch) = batches.next().await {
            let batch = batch.map_err(failed)?;
            writer.write(&batch)?;
            rows += batch.num_rows() as u64;
        }
    }
    writer.finish()?;
    Ok(rows)
}

/// The names of files: those of tables, with other characters as `%` and two digits.
#[derive(Default)]
struct FileNames {
    /// In lower case: for some file systems, `a` and `A` are one name.
    taken: Vec<String>,
    /// Schemas, each with its folder.
    folders: Vec<(String, String)>,
}

impl FileNames {
    /// The folder and the file of a table.
    fn of(&mut self, table: &SessionTable, format: Format) -> (String, String) {
        let known = self.folders.iter().find(|(schema, _)| *schema == table.schema).map(|(_, folder)| folder.clone());
        let folder = known.unwrap_or_else(|| {
            let folder = self.free("", &table.schema, "");
            self.folders.push((table.schema.clone(), folder.clone()));
            folder
        });
        let file = self.free(&folder, &table.table, &format!(".{}", format.extension()));
        (folder, file)
    }

    /// A name that no file of the folder has.
    fn free(&mut self, folder: &str, name: &str, end: &str) -> String {
        let mut name = file_name(name);
        let path = |name: &str| format!("{folder}/{name}{end}").to_ascii_lowercase();
        while self.taken.contains(&path(&name)) {
            name.push('_');
        }
        self.taken.push(path(&name));
        name + end
    }
}

/// The longest name, without the end that says what is in the file: file systems have 255 bytes.
const LONGEST: usize = 200;

fn file_name(name: &str) -> String {
    let mut file = String::new();
    for (place, byte) in name.bytes().enumerate() {
        let part = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' => char::from(byte).to_string(),
            b'.' if place > 0 && place + 1 < name.len() => ".".to_owned(),
            byte => format!("%{byte:02X}"),
        };
        if file.len() + part.len() > LONGEST {
            break;
        }
        file.push_str(&part);
    }
    file
}
