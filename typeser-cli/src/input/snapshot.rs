//! Reads a snapshot in any form, from a path, from standard input or from git.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use typeser::SerializerSnapshot;
use typeser::file::{FileContents, FileOptions, MAGIC as FILE_MAGIC};
use typeser::schema::Limits;
use typeser::snapshot::MAGIC;

use super::error::{Foreign, InputError};
use super::form::Form;
use super::source::Source;

/// A snapshot that was read.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    /// Where it was read from.
    pub(crate) source: Source,
    /// The form in which it was read.
    pub(crate) form: Form,
    pub(crate) snapshot: SerializerSnapshot,
    /// The text that was read, unless it is binary.
    pub(crate) text: Option<String>,
    /// The value beside the snapshot, if a file was read.
    pub(crate) value: Option<StoredValue>,
}

/// The value in a file.
#[derive(Debug, Clone)]
pub(crate) struct StoredValue {
    /// The release that wrote it, if the file says so.
    pub(crate) release: Option<String>,
    pub(crate) bytes: Vec<u8>,
}

/// Reads a snapshot from what was typed: a path, `-`, or `REV:path`. Its form is recognised by its content.
pub(crate) fn snapshot(typed: &OsStr) -> Result<Input, InputError> {
    let source = Source::of(typed);
    // JSON and text are the longest forms of a snapshot. The parser of each form has its own limit.
    let limit = match &source {
        Source::Path(path) if is_value_file(path) => usize::try_from(FileOptions::MAX_BYTES).unwrap_or(usize::MAX),
        _ => Limits::SNAPSHOT_TEXT_BYTES,
    };
    let bytes = source.read(limit)?;
    if bytes.starts_with(&FILE_MAGIC) {
        let FileContents { release, snapshot, value } = contents(&source, &bytes)?;
        let value = Some(StoredValue { release: release.map(str::to_owned), bytes: value.to_vec() });
        return Ok(Input { source, form: Form::File, snapshot, text: None, value });
    }
    let (form, snapshot) = parse(&source, &bytes)?;
    let text = if form == Form::Binary { None } else { String::from_utf8(bytes).ok() };
    Ok(Input { source, form, snapshot, text, value: None })
}

/// Whether a path names a file with one value, by its first bytes.
pub(crate) fn is_value_file(path: &Path) -> bool {
    let mut begins = [0; FILE_MAGIC.len()];
    path.is_file()
        && File::open(path).is_ok_and(|mut file| file.read_exact(&mut begins).is_ok() && begins == FILE_MAGIC)
}

fn contents<'a>(source: &Source, bytes: &'a [u8]) -> Result<FileContents<'a>, InputError> {
    FileContents::from_bytes(bytes).map_err(|reason| InputError::File { name: source.to_string(), reason })
}

/// Parses a snapshot in any form.
pub(crate) fn parse(source: &Source, bytes: &[u8]) -> Result<(Form, SerializerSnapshot), InputError> {
    let name = || source.to_string();
    if bytes.is_empty() {
        return Err(InputError::Empty { name: name() });
    }
    if bytes.starts_with(&FILE_MAGIC) {
        return Ok((Form::File, contents(source, bytes)?.snapshot));
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
    // Some editors write a byte order mark; it has no meaning here.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (form, snapshot) = match text.trim_start() {
        "" => return Err(InputError::Empty { name: name() }),
        begin if begin.starts_with('{') => (Form::Json, SerializerSnapshot::from_json(text)),
        begin if begin.starts_with("typeser-snapshot") => (Form::Text, SerializerSnapshot::from_text(text)),
        begin => return Err(InputError::Unknown { name: name(), begins: begin.bytes().take(16).collect() }),
    };
    snapshot
        .map(|snapshot| (form, snapshot))
        .map_err(|reason| InputError::parse(source.to_string(), form, text, reason))
}
