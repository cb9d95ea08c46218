//! The command `typeser-sql`: SQL over savepoints.

mod export;
mod output;
mod print;
mod unfinished;

use std::io::{self, BufWriter, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};
use datafusion::prelude::DataFrame;
use export::{ExportArguments, ExportError, export};
use futures::StreamExt as _;
use output::{FileWriter, Format, OutputError};
use print::{PrintError, Printer, TextFormat};
use typeser::text::{clean, without_commands};
use typeser_sql::{SavepointSession, Session, SqlError};
use typeser_state::processor::Targets;
use unfinished::{Unfinished, UnfinishedError};

/// Stacks of this size hold the plan of any query: compiled without optimization, DataFusion needs more than the usual.
const STACK: usize = 64 << 20;

/// Query savepoints and redb files with SQL
#[derive(Debug, clap::Parser)]
#[command(
    name = "typeser-sql",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  typeser-sql savepoints/last 'select * from metadata.states'
  typeser-sql savepoints/last 'select key, value from \"flights-by-tail\".totals limit 10'
  typeser-sql savepoints/last --file question.sql --format jsonl
  typeser-sql savepoints/last --file question.sql --format parquet --output answer.parquet
  typeser-sql savepoints/3 --with before=savepoints/2 \\
    'select n.key from totals n join before.\"flights-by-tail\".totals o using (key) where n.value <> o.value'

The savepoint is the catalog `savepoint`; further ones have the names that `--with` gives. Each
operator is a schema, and each state a table. A redb file is a schema with the name of the file, or
the one that `--with` gives, and each typed table a table. Names with other characters than
lower-case letters, digits and `_` are quoted.

Exit codes: 0 success, 101 a query or a row cannot be read, 2 usage error."
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    query: Option<QueryArguments>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Export(ExportArguments),
}

#[derive(Debug, clap::Args)]
struct QueryArguments {
    /// The folder of the savepoint, or a redb file, which is not changed
    savepoint: PathBuf,
    /// The query, or several separated by `;`; without one, it is read from standard input
    #[arg(conflicts_with = "file")]
    query: Option<String>,
    /// Read the query from this file
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// A further savepoint or redb file, and the name that it has in queries
    #[arg(long, value_name = "NAME=PATH", value_parser = named)]
    with: Vec<(String, PathBuf)>,
    /// Read rows with the types of a release: a folder of snapshots, such as `golden/2.1.0`
    #[arg(long, value_name = "FOLDER")]
    as_of: Option<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Write the result of the only query to this new file
    #[arg(long, value_name = "FILE", required_if_eq("format", "parquet"))]
    output: Option<PathBuf>,
}

fn named(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, folder)) if !name.is_empty() && !folder.is_empty() => Ok((name.to_owned(), folder.into())),
        _ => Err("expected a name, `=` and a folder, such as `before=savepoints/2`".to_owned()),
    }
}

/// Why the command could not be completed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Sql(#[from] SqlError),
    #[error(transparent)]
    Print(#[from] PrintError),
    #[error(transparent)]
    Output(#[from] OutputError),
    #[error(transparent)]
    Unfinished(#[from] UnfinishedError),
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error("{queries} queries for one file: `--output` writes the result of one; run the command for each")]
    OneQuery { queries: usize },
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot start: {0}")]
    Start(io::Error),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(STACK);
        let running = builder.spawn_scoped(scope, || run(&arguments)).map_err(Failure::Start)?;
        running.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        // The reader closed standard output, so there is nothing left to do.
        Err(Failure::Print(PrintError::Io(error))) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            report(&failure);
            ExitCode::from(101)
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().thread_stack_size(STACK).build().map_err(Failure::Start)?;
    match (&arguments.command, &arguments.query) {
        (Some(Command::Export(arguments)), _) => {
            let session = SavepointSession::new().with(name_of(&arguments.savepoint), &arguments.savepoint)?.open()?;
            Ok(runtime.block_on(export(&session, arguments))?)
        }
        (None, Some(arguments)) => {
            let text = query(arguments)?;
            let mut session = SavepointSession::new().with(name_of(&arguments.savepoint), &arguments.savepoint)?;
            for (name, folder) in &arguments.with {
                session = session.with(name, folder)?;
            }
            if let Some(folder) = &arguments.as_of {
                session = session.as_of(Targets::read(folder).map_err(|error| SqlError::AsOf(Box::new(error)))?);
            }
            runtime.block_on(answer(&session.open()?, &text, arguments))
        }
        (None, None) => Arguments::command().error(ErrorKind::MissingRequiredArgument, "name a savepoint").exit(),
    }
}

/// Runs the queries, and prints or writes what they give.
async fn answer(session: &Session, text: &str, arguments: &QueryArguments) -> Result<(), Failure> {
    let frames = session.query(text).await?;
    if let Some(target) = &arguments.output {
        let queries = frames.len();
        let Ok([frame]) = <[DataFrame; 1]>::try_from(frames) else { return Err(Failure::OneQuery { queries }) };
        return write(frame, target, arguments.format).await;
    }
    let format = arguments.format.text().unwrap_or(TextFormat::Table);
    let (stdout, terminal) = (io::stdout(), io::stdout().is_terminal());
    for frame in frames {
        let mut printer = Printer::new(BufWriter::new(stdout.lock()), format, terminal, frame.schema().as_arrow());
        let mut batches = frame.execute_stream().await.map_err(SqlError::from)?;
        while let Some(batch) = batches.next().await {
            printer.print(&batch.map_err(SqlError::from)?)?;
        }
        printer.finish()?;
    }
    Ok(())
}

/// Writes the result of a query to a file, which is there when it is complete.
async fn write(frame: DataFrame, target: &Path, format: Format) -> Result<(), Failure> {
    let unfinished = Unfinished::new(target)?;
    let mut batches = frame.execute_stream().await.map_err(SqlError::from)?;
    let mut writer = FileWriter::create(unfinished.path(), target, format, &batches.schema())?;
    while let Some(batch) = batches.next().await {
        writer.write(&batch.map_err(SqlError::from)?)?;
    }
    writer.finish()?;
    Ok(unfinished.finish()?)
}

/// The name of what was given first: a file is called as it is, but for names that have a meaning.
fn name_of(path: &Path) -> String {
    let stem = path.file_stem().filter(|_| path.is_file());
    match stem.map(|stem| stem.to_string_lossy()).as_deref() {
        None => "savepoint".to_owned(),
        Some(name @ ("metadata" | "information_schema")) => format!("{name}_"),
        Some(name) => name.to_owned(),
    }
}

fn query(arguments: &QueryArguments) -> Result<String, Failure> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        |source| Failure::Read { path, source }
    };
    match (&arguments.query, &arguments.file) {
        (Some(query), _) => Ok(query.clone()),
        (None, Some(file)) => std::fs::read_to_string(file).map_err(failed(file)),
        (None, None) => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text).map_err(failed(Path::new("standard input")))?;
            Ok(text)
        }
    }
}

/// Prints what went wrong, and what to do next.
fn report(failure: &Failure) {
    let text = failure.to_string();
    let help = match failure {
        Failure::Sql(SqlError::Query(_)) if text.contains("table '") && text.ends_with("not found") => {
            "\nhelp: `select * from information_schema.tables` lists the tables; names with other characters than \
             lower-case letters, digits and `_` are quoted, as in \"flights-by-tail\".totals"
        }
        _ => "",
    };
    let lines: Vec<String> = text.lines().map(clean).collect();
    let text = format!("error: {}{help}\n", lines.join("\n"));
    _ = io::stderr().write_all(without_commands(&text).as_bytes());
}
