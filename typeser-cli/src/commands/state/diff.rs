//! `typeser state diff`: what was added, removed and changed between two savepoints.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use serde_json::json;
use typeser::resolve::Role;
use typeser::text::{clean, json_without_unseen};
use typeser_state::processor::{Difference, Differences, FoundIn, NotCompared, Query, StateDifferences};
use typeser_state::savepoint::Savepoint;

use super::entry_cells;
use super::rows::Selection;
use crate::commands::listing::{Format, Printer};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::count;
use crate::stderr::say;
use crate::table::Table;

/// Compare two savepoints row by row
#[derive(Debug, clap::Args)]
#[command(after_help = "Prints how many rows of each state were added, removed and changed, then each
of these rows. Rows of states of the same operator and name belong together if
they have the same key, namespace and place. If types changed, values are
compared after a migration to the later types, where that needs no function of
the program. The times of last writes are not compared.

Examples:
  typeser state diff monday tuesday
  typeser state diff monday tuesday --state totals --key N14228
  typeser state diff monday tuesday --summary
  typeser state diff monday tuesday --format jsonl |
    jq 'select(.change == \"removed\")'

Exit codes: 0 success, 100 with `--exit-code` if a row differs or a state was
not compared, 101 a row cannot be read, 2 usage error.")]
pub(crate) struct Arguments {
    /// The folder of the earlier savepoint
    before: PathBuf,
    /// The folder of the later savepoint
    after: PathBuf,
    #[command(flatten)]
    selection: Selection,
    /// Print the number of rows of each state only
    #[arg(long)]
    summary: bool,
    /// Print at most this many rows
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Exit with 100 if the savepoints differ
    #[arg(long)]
    exit_code: bool,
    /// Output format
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let (before, after) = (Savepoint::open(&arguments.before)?, Savepoint::open(&arguments.after)?);
    let query = arguments.selection.query(Query::new());
    let differences = Differences::new(&before, &after, &query)?;
    let mut out = BufWriter::new(anstream::stdout().lock());
    let counts = differences.count()?;
    let different = counts.iter().any(|state| state.is_different() || state.not_compared.is_some());
    let rows: u64 = counts.iter().map(|state| state.added + state.removed + state.changed + state.unchanged).sum();
    if rows == 0 && arguments.selection.is_of_key() && counts.iter().all(|state| state.not_compared.is_none()) {
        say(format_args!("neither savepoint has rows {}", arguments.selection.in_words()));
        return Ok(Exit::Fine);
    }
    match arguments.format {
        Format::Table => write!(out, "{}{}", summary(&counts), not_compared(&counts))?,
        Format::Jsonl if arguments.summary => {
            for state in &counts {
                writeln!(out, "{}", json_without_unseen(&summary_line(state)))?;
            }
        }
        // Standard output is for rows.
        Format::Jsonl => say_lines(&not_compared(&counts)),
    }
    if !arguments.summary && counts.iter().any(StateDifferences::is_different) {
        print(&differences, arguments, &mut out)?;
    }
    out.flush()?;
    Ok(if different && arguments.exit_code { Exit::Findings } else { Exit::Fine })
}

/// A table of the states that differ, and a sentence about those that are the same.
fn summary(counts: &[StateDifferences<'_>]) -> String {
    let mut table = Table::new(["operator", "state", "added", "removed", "changed", "unchanged", ""], &[2, 3, 4, 5]);
    let (mut same, mut rows, mut different) = (0, 0u64, false);
    for state in counts.iter().filter(|state| state.not_compared.is_none()) {
        if !state.is_different() && state.found_in == FoundIn::Both {
            same += 1;
            rows += state.unchanged;
            continue;
        }
        different = true;
        let note = match state.found_in {
            FoundIn::Before => "state is gone",
            FoundIn::After => "state is new",
            FoundIn::Both => "",
        };
        let [added, removed, changed, unchanged] =
            [state.added, state.removed, state.changed, state.unchanged].map(|count| count.to_string());
        let (operator, name) = (state.operator.to_owned(), state.state.to_owned());
        table.add_row([operator, name, added, removed, changed, unchanged, note.to_owned()]);
    }
    let table = if different { format!("{}\n", table.text()) } else { String::new() };
    let rows = count(usize::try_from(rows).unwrap_or(usize::MAX), "row");
    let same = match same {
        0 => String::new(),
        1 => format!("1 state is the same, with {rows}\n"),
        _ => format!("{same} states are the same, with {rows}\n"),
    };
    format!("{table}{same}")
}

/// Why states are not compared, and what to do: a line for each reason of an operator.
fn not_compared(counts: &[StateDifferences<'_>]) -> String {
    let mut notes: Vec<(&str, &NotCompared, Vec<String>)> = Vec::new();
    for state in counts {
        let (Some(why), name) = (&state.not_compared, format!("`{}`", state.state)) else { continue };
        match notes.last_mut().filter(|(operator, of, _)| (*operator, *of) == (state.operator, why)) {
            Some((.., states)) => states.push(name),
            None => notes.push((state.operator, why, vec![name])),
        }
    }
    let mut text = String::new();
    for (operator, why, states) in notes {
        let (noun, are) = if states.len() == 1 { ("state", "is") } else { ("states", "are") };
        let names = states.join(", ");
        let line = format!("{noun} {names} of operator `{operator}` {are} not compared: {why}");
        text.push_str(&format!("{}\n", clean(&line)));
        let help = match why {
            NotCompared::MaxParallelism { after, .. } => {
                format!(
                    "help: `typeser state edit SAVEPOINT --max-parallelism {operator} {after} --output NEW-SAVEPOINT` \
                     gives the earlier savepoint this one; compare the new savepoint"
                )
            }
            NotCompared::Serializer { role: Role::Key, .. } => {
                "help: `typeser rekey` gives the earlier savepoint these keys; compare the new savepoint".to_owned()
            }
            _ => continue,
        };
        text.push_str(&format!("{}\n", clean(&help)));
    }
    text
}

fn say_lines(text: &str) {
    text.lines().for_each(say);
}

fn summary_line(of: &StateDifferences<'_>) -> String {
    let StateDifferences { operator, state, added, removed, changed, unchanged, not_compared, .. } = of;
    let mut line = json!({
        "operator": operator,
        "state": state,
        "kind": of.kind.to_string().trim_end_matches(" state"),
        "added": added,
        "removed": removed,
        "changed": changed,
        "unchanged": unchanged,
        "found_in": match of.found_in {
            FoundIn::Before => "before",
            FoundIn::After => "after",
            FoundIn::Both => "both",
        },
    });
    if let Some(why) = not_compared {
        line["not_compared"] = why.to_string().into();
    }
    line.to_string()
}

/// Each row that differs, up to the limit.
fn print(differences: &Differences<'_>, arguments: &Arguments, out: &mut impl Write) -> Result<(), Failure> {
    let limit = arguments.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    if arguments.format == Format::Table && limit > 0 {
        writeln!(out)?;
    }
    let header = ["change", "operator", "state", "key", "entry", "before", "after"];
    let mut printer = Printer::new(out, arguments.format, header, &[]);
    for difference in differences.iter().take(limit) {
        match difference {
            Ok(difference) => printer.print(|| line(&difference), || row(&difference))?,
            Err(error) => {
                // Rows that were found before the error are printed before it.
                printer.flush()?;
                return Err(error.into());
            }
        }
    }
    printer.flush()
}

fn row(difference: &Difference<'_>) -> [String; 7] {
    let (change, entry, before, after) = match difference {
        Difference::Added(entry) => ("added", entry, String::new(), entry_cells::value(entry)),
        Difference::Removed(entry) => ("removed", entry, entry_cells::value(entry), String::new()),
        Difference::Changed { before, after } => {
            ("changed", after, entry_cells::value(before), entry_cells::value(after))
        }
        _ => return Default::default(),
    };
    let key = match entry.state.kind().is_keyed() {
        true => entry_cells::key(entry),
        false => entry_cells::group(entry),
    };
    let names = [change.to_owned(), entry.operator.to_owned(), entry.state.name().to_owned()];
    let [change, operator, state] = names;
    [change, operator, state, key, entry_cells::place(entry), before, after]
}

/// One row as JSON.
fn line(difference: &Difference<'_>) -> Result<String, serde_json::Error> {
    let (change, entry, values) = match difference {
        Difference::Added(entry) => ("added", entry, [None, Some(entry)]),
        Difference::Removed(entry) => ("removed", entry, [Some(entry), None]),
        Difference::Changed { before, after } => ("changed", after, [Some(before), Some(after)]),
        _ => return Ok(String::new()),
    };
    let mut line = format!(r#"{{"change":"{change}",{}"#, entry_cells::members(entry)?);
    for (name, entry) in ["before", "after"].into_iter().zip(values) {
        if let Some((_, value)) = entry.and_then(entry_cells::stored) {
            line.push_str(&format!(r#","{name}":{value}"#));
        }
    }
    line.push('}');
    Ok(line)
}
