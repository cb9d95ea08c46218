//! `typeser state ls`: the operators and states of a savepoint.

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};
use typeser::text::{clean, json_without_unseen, wrap_at};
use typeser_state::descriptor::{SerializerPart, StateMeta};
use typeser_state::key_group::KeyGroupRange;
use typeser_state::savepoint::{RowsFile, Savepoint, SavepointOperator, SavepointOperatorState, StateSize};

use crate::commands::listing::{Format, named, serializer};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::count;
use crate::stdout::stdout;
use crate::table::Table;
use crate::terminal::line_width_of_stdout;

/// List the operators and states of a savepoint
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser state ls savepoints/last
  typeser state ls savepoints/last --format jsonl | jq -r .state

Exit codes: 0 success, 101 failure, 2 usage error.")]
pub(crate) struct Arguments {
    /// The folder of the savepoint
    savepoint: PathBuf,
    /// Output format
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let savepoint = Savepoint::open(&arguments.savepoint)?;
    let mut out = stdout();
    match arguments.format {
        Format::Table => write!(out, "{}", table(&savepoint))?,
        Format::Jsonl => {
            for operator in savepoint.operators() {
                for state in operator.meta().states() {
                    writeln!(out, "{}", json_without_unseen(&line(operator, state).to_string()))?;
                }
            }
            for operator in savepoint.operator_states() {
                for state in operator.states() {
                    writeln!(out, "{}", json_without_unseen(&line_of_instances(operator, state).to_string()))?;
                }
            }
        }
    }
    out.flush()?;
    Ok(Exit::Fine)
}

fn table(savepoint: &Savepoint) -> String {
    let mut table = Table::new(["operator", "state", "kind", "type", "rows", "bytes"], &[4, 5]);
    for operator in savepoint.operators() {
        let meta = operator.meta();
        table.add_row([meta.uid(), "", "key", &named(meta.key()), "", ""].map(str::to_owned));
        for state in meta.states() {
            let size = operator.size_of(state.id(), KeyGroupRange::all(meta.max_parallelism()));
            table.add_row(row(meta.uid(), state, size));
        }
    }
    for operator in savepoint.operator_states() {
        for state in operator.states() {
            table.add_row(row(operator.uid(), state, operator.size_of(state.id())));
        }
    }
    let mut text = format!("{}\n", table.text());
    let columns = line_width_of_stdout().unwrap_or(usize::MAX);
    for line in files(savepoint) {
        text.push_str(&format!("{}\n", wrap_at(&clean(&line), columns, 0, 2)));
    }
    text
}

/// A line about the files of each operator, and one about the writer of the savepoint.
fn files(savepoint: &Savepoint) -> Vec<String> {
    let mut lines = Vec::new();
    for operator in savepoint.operators() {
        let meta = operator.meta();
        let groups: Vec<String> = operator.files().iter().map(|file| file.key_groups().to_string()).collect();
        let bytes: u64 = operator.files().iter().map(RowsFile::length).sum();
        let mut line = format!(
            "{}: {} key groups; {bytes} bytes in {} with key groups {}",
            meta.uid(),
            meta.max_parallelism(),
            count(groups.len(), "file"),
            groups.join(", ")
        );
        let missing = operator.missing_key_groups(KeyGroupRange::all(meta.max_parallelism()));
        if !missing.is_empty() {
            let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
            line.push_str(&format!("; not in the savepoint: {}", missing.join(", ")));
        }
        lines.push(line);
    }
    for operator in savepoint.operator_states() {
        let (instances, bytes) =
            operator.instances().fold((0u32, 0), |(count, bytes), (_, file)| (count + 1, bytes + file.length()));
        lines.push(format!(
            "{}: operator state; {bytes} bytes of {instances} of {} instances",
            operator.uid(),
            operator.parallelism()
        ));
    }
    lines.push(format!("written by {}", savepoint.written_by()));
    lines
}

/// A state in the table.
fn row(uid: &str, state: &StateMeta, size: StateSize) -> [String; 6] {
    let value = state.serializer(SerializerPart::Value).map(named).unwrap_or_default();
    let mut types = match state.serializer(SerializerPart::UserKey) {
        Some(key) => format!("{} -> {value}", named(key)),
        None => value,
    };
    if let Some(namespace) = state.namespace() {
        let space = if types.is_empty() { "" } else { " " };
        types.push_str(&format!("{space}in {}", named(namespace)));
    }
    if let Some(time_to_live) = state.time_to_live() {
        types.push_str(&format!(", for {} ms", time_to_live.millis()));
    }
    [
        uid.to_owned(),
        state.name().to_owned(),
        state.kind().to_string().trim_end_matches(" state").to_owned(),
        types,
        size.entries.to_string(),
        size.bytes.to_string(),
    ]
}

fn line(operator: &SavepointOperator, state: &StateMeta) -> Value {
    let meta = operator.meta();
    let size = operator.size_of(state.id(), KeyGroupRange::all(meta.max_parallelism()));
    let mut line = line_of(meta.uid(), state, size, Some(serializer("key", meta.key())));
    line["key_groups"] = meta.max_parallelism().groups().into();
    line
}

fn line_of_instances(operator: &SavepointOperatorState, state: &StateMeta) -> Value {
    let mut line = line_of(operator.uid(), state, operator.size_of(state.id()), None);
    line["instances"] = operator.parallelism().into();
    line
}

/// The parts that keyed state and operator state share. `key` is the serializer of the keys.
fn line_of(uid: &str, state: &StateMeta, size: StateSize, key: Option<Value>) -> Value {
    let serializers = state.all_serializers();
    let serializers = serializers.map(|(part, snapshot)| serializer(state.kind().role(part).word(), snapshot));
    let mut line = json!({
        "operator": uid,
        "state": state.name(),
        "kind": state.kind().to_string().trim_end_matches(" state"),
        "serializers": serializers.chain(key).collect::<Vec<_>>(),
        "rows": size.entries,
        "bytes": size.bytes,
    });
    if let Some(time_to_live) = state.time_to_live() {
        line["time_to_live_ms"] = time_to_live.millis().into();
    }
    line
}
