//! What the commands that list states, tables and their rows share: formats, names of serializers, shortened values.

use serde_json::json;
use typeser::SerializerSnapshot;
use typeser::value::Value;

/// How many rows a table has. They are in memory at once, and share the widths of their columns.
pub(super) const PAGE: usize = 500;
/// How many characters of a key or value a table shows.
pub(super) const SHOWN: usize = 120;

/// The format of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// A table, for people; long values are shortened
    Table,
    /// One JSON object per line, for programs
    Jsonl,
}

/// A value on one line of limited length.
pub(super) fn shortened(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// A serializer by name, version and fingerprint.
pub(super) fn named(snapshot: &SerializerSnapshot) -> String {
    format!("{} v{} ({})", snapshot.name(), snapshot.version(), snapshot.fingerprint().short())
}

/// The same as JSON, with what the serializer is used for.
pub(super) fn serializer(role: &str, snapshot: &SerializerSnapshot) -> serde_json::Value {
    json!({
        "role": role,
        "name": snapshot.name(),
        "version": snapshot.version(),
        "fingerprint": snapshot.fingerprint().to_string(),
    })
}
