//! `typeser inspect`: a snapshot or a savepoint as a tree.

mod layout;
mod savepoint;
mod tree;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use typeser::SerializerSnapshot;
use typeser_state::savepoint::{MANIFEST_NAME, Savepoint};

use super::Failure;
use crate::exit::Exit;
use crate::input::{self, Input};
use crate::stdout::print;
use tree::Tree;

/// The version of the JSON form.
const JSON_VERSION: u32 = 1;

/// Show a snapshot, a golden or a savepoint as a tree
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser inspect golden/1.4.0/orders.value.snap
  typeser inspect HEAD~1:golden/1.4.0/orders.value.json
  typeser inspect savepoints/before-release-2
  typeser inspect - --format json < order.snap")]
pub(crate) struct Arguments {
    /// A snapshot (binary, JSON or text), a savepoint, `-` for standard input, or `REV:path` from git
    file: OsString,
    /// In which form to show it
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// A tree, for people
    Text,
    /// A versioned document, for programs
    Json,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let shown = match savepoint_at(&arguments.file) {
        Some(directory) => savepoint::shown(&Savepoint::open(directory)?),
        None => of_snapshot(&input::snapshot(&arguments.file)?),
    };
    match arguments.format {
        Format::Text => print(shown.tree)?,
        Format::Json => print(format_args!("{:#}\n", shown.json))?,
    }
    Ok(Exit::Fine)
}

/// Something in both forms.
struct Shown {
    tree: Tree,
    json: Value,
}

/// The folder of the savepoint that was named, by itself or by its manifest.
fn savepoint_at(file: &OsStr) -> Option<PathBuf> {
    let path = Path::new(file);
    if path.is_dir() {
        return path.join(MANIFEST_NAME).is_file().then(|| path.to_owned());
    }
    let named = path.file_name().is_some_and(|name| name == MANIFEST_NAME) && path.is_file();
    named.then(|| path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new(".")).to_owned())
}

fn of_snapshot(input: &Input) -> Shown {
    let snapshot = &input.snapshot;
    let mut tree = Tree::leaf(format!("snapshot {} ({})", input.source, input.form.word()));
    tree.parts.push(Tree::leaf(format!("fingerprint {}", snapshot.fingerprint())));
    tree.parts.push(Tree::leaf(format!("integers {}", snapshot.configuration().integers)));
    tree.parts.push(layout::tree(None, snapshot));
    let json = json!({
        "typeser-inspect": JSON_VERSION,
        "kind": "snapshot",
        "source": input.source.to_string(),
        "form": input.form.word().to_lowercase(),
        "serializer": serializer(snapshot),
    });
    Shown { tree, json }
}

/// A serializer for programs: what it is called, and its snapshot whole.
fn serializer(snapshot: &SerializerSnapshot) -> Value {
    json!({
        "name": snapshot.name(),
        "version": snapshot.version(),
        "fingerprint": snapshot.fingerprint().to_string(),
        "integers": snapshot.configuration().integers.to_string(),
        // What the library writes as JSON is JSON.
        "snapshot": serde_json::from_str::<Value>(&snapshot.to_json()).unwrap_or_default(),
    })
}
