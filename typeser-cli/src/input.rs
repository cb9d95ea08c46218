//! What is read: snapshots in any form and folders of files, from a path, from standard input, or from git.

mod error;
mod git;
mod source;

use std::collections::BTreeMap;
use std::ffi::OsStr;

use typeser::SerializerSnapshot;
use typeser::schema::Limits;
use typeser::snapshot::MAGIC;

use error::Foreign;
pub(crate) use error::InputError;
pub(crate) use source::Source;

/// A snapshot that was read.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    /// Where it came from; displays itself as it was typed.
    pub(crate) source: Source,
    /// The form that it has there.
    pub(crate) form: Form,
    pub(crate) snapshot: SerializerSnapshot,
    /// What stands there, unless it is binary.
    pub(crate) text: Option<String>,
}

/// The forms that a snapshot may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Binary,
    Json,
    Text,
}

/// All files of a folder, by their names relative to it, with `/` between the parts.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    /// Where it came from; displays itself as it was typed.
    pub(crate) source: Source,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

/// Reads a snapshot from what was typed: a path, `-`, or `REV:path`. Its form is recognised by its content.
pub(crate) fn snapshot(typed: &OsStr) -> Result<Input, InputError> {
    let source = Source::of(typed);
    // The longest form is JSON or text; the readers of the forms have limits of their own.
    let bytes = source.read(Limits::SNAPSHOT_TEXT_BYTES)?;
    let (form, snapshot) = parse(&source, &bytes)?;
    let text = if form == Form::Binary { None } else { String::from_utf8(bytes).ok() };
    Ok(Input { source, form, snapshot, text })
}

/// Reads the snapshot that these bytes are, whatever its form.
pub(crate) fn parse(source: &Source, bytes: &[u8]) -> Result<(Form, SerializerSnapshot), InputError> {
    let name = || source.to_string();
    if bytes.is_empty() {
        return Err(InputError::Empty { name: name() });
    }
    if bytes.starts_with(&MAGIC[..bytes.len().min(MAGIC.len())]) {
        let snapshot = SerializerSnapshot::from_bytes(bytes);
        return snapshot
            .map(|snapshot| (Form::Binary, snapshot))
            .map_err(|reason| InputError::Binary { name: name(), reason });
    }
    if let Some(found) = Foreign::recognise(bytes) {
        return Err(InputError::Foreign { name: name(), found });
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| InputError::Unknown { name: name(), begins: bytes.iter().copied().take(16).collect() })?;
    // Some editors put it there; it means nothing.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (form, snapshot) = match text.trim_start() {
        "" => return Err(InputError::Empty { name: name() }),
        begin if begin.starts_with('{') => (Form::Json, SerializerSnapshot::from_json(text)),
        begin if begin.starts_with("typeser-snapshot") => (Form::Text, SerializerSnapshot::from_text(text)),
        begin => return Err(InputError::Unknown { name: name(), begins: begin.bytes().take(16).collect() }),
    };
    snapshot.map(|snapshot| (form, snapshot)).map_err(|reason| InputError::parse(source, form, text, reason))
}

/// Reads all files of a folder from what was typed: a path or `REV:dir`.
pub(crate) fn folder(typed: &OsStr) -> Result<Folder, InputError> {
    let source = Source::of(typed);
    let files = source.read_folder()?;
    Ok(Folder { source, files })
}

impl Form {
    /// The word for it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Json => "JSON",
            Self::Text => "text",
        }
    }
}
