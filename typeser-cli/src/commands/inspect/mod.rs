//! `typeser inspect`: a snapshot, a file, goldens or a savepoint as a tree.

mod document;
mod golden;
mod layout;
mod savepoint;
mod tree;

use std::ffi::{OsStr, OsString};
use std::path::Path;

use serde_json::json;
use typeser::golden::Goldens;
use typeser_state::savepoint::{MANIFEST_NAME, Savepoint};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::{self, Input, InputError, Source, StoredValue};
use crate::stdout::{print, print_json};
use document::{Document, JSON_VERSION, serializer};
use tree::Tree;

/// The manifest of goldens.
const GOLDEN_MANIFEST: &str = "manifest.txt";
/// Show a snapshot, a file, a golden or a savepoint as a tree
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser inspect golden
  typeser inspect golden/1.4.0
  typeser inspect golden/1.4.0/orders.value.snap
  typeser inspect HEAD~1:golden/1.4.0/orders.value.json
  typeser inspect settings.typeser
  typeser inspect savepoints/before-release-2
  typeser inspect - --format json < order.snap")]
pub(crate) struct Arguments {
    /// A snapshot (binary, JSON or text), a file with one value, a folder of goldens or of
    /// one release, a savepoint, `-` for standard input, or `REV:path` from git
    file: OsString,
    /// Output format
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
    let document = document(&arguments.file)?;
    match arguments.format {
        Format::Text => print(document.tree)?,
        Format::Json => print_json(&document.json)?,
    }
    Ok(Exit::Fine)
}

/// What was named: a snapshot, goldens or a savepoint.
fn document(file: &OsStr) -> Result<Document, Failure> {
    let source = Source::of(file);
    let name = source.to_string();
    let Source::Path(path) = &source else {
        return match input::snapshot(file) {
            Err(InputError::IsFolder { .. }) => Ok(golden::document(&name, &input::goldens(file)?, None)),
            read => Ok(of_snapshot(&read?)),
        };
    };
    if path.is_dir() {
        return of_folder(path, &name);
    }
    if path.file_name().is_some_and(|name| name == MANIFEST_NAME) && path.is_file() {
        return of_folder(parent(path), &name);
    }
    Ok(of_snapshot(&input::snapshot(file)?))
}

/// A savepoint, the goldens of all releases, or those of one.
fn of_folder(folder: &Path, name: &str) -> Result<Document, Failure> {
    if folder.join(MANIFEST_NAME).is_file() {
        return Ok(savepoint::document(&Savepoint::open(folder)?));
    }
    if folder.join(GOLDEN_MANIFEST).is_file() {
        return Ok(golden::document(name, &Goldens::read(folder)?, None));
    }
    if let Some(release) =
        folder.file_name().and_then(OsStr::to_str).filter(|_| parent(folder).join(GOLDEN_MANIFEST).is_file())
    {
        let goldens = Goldens::read(parent(folder))?;
        if let Some(recorded) = goldens.release(release) {
            return Ok(golden::document(name, &goldens, Some(recorded)));
        }
    }
    Err(format!(
        "{name}: this folder is neither a savepoint (it has no `{MANIFEST_NAME}`) nor goldens (it has no `{GOLDEN_MANIFEST}`)\n\
         help: name the folder of a savepoint or of goldens, or the file of a snapshot"
    )
    .into())
}

/// The folder that a path is in.
fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

fn of_snapshot(input: &Input) -> Document {
    let snapshot = &input.snapshot;
    let mut tree = match &input.value {
        Some(value) => of_value(input, value),
        None => Tree::leaf(format!("snapshot {} ({})", input.source, input.form.word())),
    };
    tree.parts.push(Tree::leaf(format!("fingerprint {}", snapshot.fingerprint())));
    tree.parts.push(Tree::leaf(format!("integers {}", snapshot.configuration().integers)));
    tree.parts.push(layout::tree(None, snapshot));
    let mut json = json!({
        "typeser-inspect": JSON_VERSION,
        "kind": "snapshot",
        "source": input.source.to_string(),
        "form": input.form.word().to_lowercase(),
        "serializer": serializer(snapshot),
    });
    if let Some(value) = &input.value {
        json["kind"] = "file".into();
        json["release"] = json!(value.release);
        json["value_bytes"] = value.bytes.len().into();
    }
    Document { tree, json }
}

/// What a file has beside its snapshot.
fn of_value(input: &Input, value: &StoredValue) -> Tree {
    let mut tree = Tree::leaf(format!("file {}", input.source));
    let release =
        value.release.as_ref().map_or_else(|| "not named".to_owned(), |release| format!("{release} wrote it"));
    tree.parts.push(Tree::leaf(format!("release {release}")));
    tree.parts.push(Tree::leaf(format!("value of {} bytes", value.bytes.len())));
    tree
}
