//! `typeser state ls`: the operators and states of a savepoint.

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::json;
use typeser::SerializerSnapshot;
use typeser_state::descriptor::{SerializerPart, StateMeta};
use typeser_state::key_group::KeyGroupRange;
use typeser_state::savepoint::{RowsFile, Savepoint, SavepointOperator};

use super::Format;
use crate::commands::Failure;
use crate::commands::savepoint::plain;
use crate::exit::Exit;
use crate::stdout::stdout;

/// List the operators and states of a savepoint
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser state ls savepoints/last
  typeser state ls savepoints/last --format jsonl | jq -r .state

Exit codes: 0 fine, 101 the savepoint cannot be read, 2 usage.")]
pub(crate) struct Arguments {
    /// The folder of the savepoint
    savepoint: PathBuf,
    /// In which form to tell it
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
                    writeln!(out, "{}", line(operator, state))?;
                }
            }
        }
    }
    out.flush()?;
    Ok(Exit::Fine)
}

fn table(savepoint: &Savepoint) -> String {
    let mut table = plain(&["operator", "state", "kind", "type", "rows", "bytes"], &[4, 5]);
    for operator in savepoint.operators() {
        let meta = operator.meta();
        table.add_row([meta.uid(), "", "key", &named(meta.key()), "", ""]);
        for state in meta.states() {
            let size = operator.size_of(state.id(), KeyGroupRange::all(meta.max_parallelism()));
            let value = state.serializer(SerializerPart::Value).map(named).unwrap_or_default();
            let value = match state.serializer(SerializerPart::UserKey) {
                Some(key) => format!("{} -> {value}", named(key)),
                None => value,
            };
            table.add_row([
                meta.uid(),
                state.name(),
                state.kind().to_string().trim_end_matches(" state"),
                &value,
                &size.entries.to_string(),
                &size.bytes.to_string(),
            ]);
        }
    }
    let mut text = format!("{}\n\n", table.trim_fmt());
    for operator in savepoint.operators() {
        let meta = operator.meta();
        let files: Vec<String> = operator.files().iter().map(|file| file.key_groups().to_string()).collect();
        let length: u64 = operator.files().iter().map(RowsFile::length).sum();
        text.push_str(&format!(
            "{}: {} key groups; in {} {length} bytes of key groups {}",
            meta.uid(),
            meta.max_parallelism(),
            if files.len() == 1 { "1 file with".to_owned() } else { format!("{} files with", files.len()) },
            files.join(", ")
        ));
        let missing = operator.missing_key_groups(KeyGroupRange::all(meta.max_parallelism()));
        if !missing.is_empty() {
            let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
            text.push_str(&format!("; not in the savepoint: {}", missing.join(", ")));
        }
        text.push('\n');
    }
    text.push_str(&format!("written by {}\n", savepoint.written_by()));
    text
}

/// A serializer by name, version and fingerprint.
fn named(snapshot: &SerializerSnapshot) -> String {
    format!("{} v{} ({})", snapshot.name(), snapshot.version(), snapshot.fingerprint().short())
}

fn line(operator: &SavepointOperator, state: &StateMeta) -> serde_json::Value {
    let meta = operator.meta();
    let size = operator.size_of(state.id(), KeyGroupRange::all(meta.max_parallelism()));
    let serializer = |role: &str, snapshot: &SerializerSnapshot| {
        json!({
            "role": role,
            "name": snapshot.name(),
            "version": snapshot.version(),
            "fingerprint": snapshot.fingerprint().to_string(),
        })
    };
    let parts = state.kind().parts().iter();
    let serializers =
        parts.filter_map(|part| Some(serializer(state.kind().role(*part).word(), state.serializer(*part)?)));
    json!({
        "operator": meta.uid(),
        "state": state.name(),
        "kind": state.kind().to_string().trim_end_matches(" state"),
        "serializers": serializers.chain([serializer("key", meta.key())]).collect::<Vec<_>>(),
        "rows": size.entries,
        "bytes": size.bytes,
        "key_groups": meta.max_parallelism().groups(),
    })
}
