//! Reads a snapshot in any form, from a path, from standard input or from git.

use std::ffi::OsStr;

use typeser::SerializerSnapshot;
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
}

/// Reads a snapshot from what was typed: a path, `-`, or `REV:path`. Its form is recognised by its content.
pub(crate) fn snapshot(typed: &OsStr) -> Result<Input, InputError> {
    let source = Source::of(typed);
    // JSON and text are the longest forms. The parser of each form has its own limit.
    let bytes = source.read(Limits::SNAPSHOT_TEXT_BYTES)?;
    let (form, snapshot) = parse(&source, &bytes)?;
    let text = if form == Form::Binary { None } else { String::from_utf8(bytes).ok() };
    Ok(Input { source, form, snapshot, text })
}

/// Parses a snapshot in any form.
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
