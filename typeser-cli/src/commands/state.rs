//! `typeser state`: looks into a savepoint without the program that wrote it.

mod cat;
mod edit;
mod ls;
mod snapshots;
mod timers;

use std::io;
use std::path::PathBuf;

use typeser::value::Value;
use typeser_state::processor::Query;

use super::Failure;
use crate::exit::Exit;

/// How many rows share the widths of their columns: so many are held at a time.
const PAGE: usize = 500;
/// How many characters of a key or value a table shows.
const SHOWN: usize = 120;

/// Look into a savepoint and edit it: states, rows, timers
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser state ls savepoints/last
  typeser state cat savepoints/last --state orders --limit 10
  typeser state snapshots savepoints/last --output snapshots")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Ls(ls::Arguments),
    Cat(cat::Arguments),
    Timers(timers::Arguments),
    Edit(edit::Arguments),
    Snapshots(snapshots::Arguments),
}

/// Which rows of a savepoint are meant.
#[derive(Debug, clap::Args)]
struct Which {
    /// The folder of the savepoint
    savepoint: PathBuf,
    /// Only the operator of this uid
    #[arg(long, value_name = "UID")]
    operator: Option<String>,
    /// Only states of this name
    #[arg(long, value_name = "NAME")]
    state: Option<String>,
    /// Only the key that reads so: as text, as JSON, or a string without quotes
    #[arg(long, value_name = "TEXT")]
    key: Option<String>,
    /// Only this key group
    #[arg(long, value_name = "N")]
    key_group: Option<u16>,
    /// Go on behind rows that cannot be read; each is told
    #[arg(long)]
    keep_going: bool,
}

impl Which {
    fn query(&self, mut query: Query) -> Query {
        if let Some(uid) = &self.operator {
            query = query.operator(uid);
        }
        if let Some(name) = &self.state {
            query = query.state(name);
        }
        if let Some(text) = &self.key {
            query = query.key(text);
        }
        if let Some(group) = self.key_group {
            query = query.key_group(group);
        }
        if self.keep_going { query.go_on_behind_errors() } else { query }
    }
}

/// A value in one line of bearable length.
fn shortened(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// In which form rows are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Columns, for people; long values are shortened
    Table,
    /// One JSON object a line, for programs
    Jsonl,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let ended = match &arguments.command {
        Command::Ls(arguments) => ls::run(arguments),
        Command::Cat(arguments) => cat::run(arguments),
        Command::Timers(arguments) => timers::run(arguments),
        Command::Edit(arguments) => edit::run(arguments),
        Command::Snapshots(arguments) => snapshots::run(arguments),
    };
    ended.or_else(|failure| match failure.downcast_ref::<io::Error>() {
        // Whoever reads has seen enough: there is no need to go on, and nothing to tell.
        Some(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Fine),
        _ => Err(failure),
    })
}
