//! A row of a savepoint as cells of a table, and as JSON.

use typeser::text::hex;
use typeser_state::descriptor::StateKind;
use typeser_state::processor::{Entry, EntryPlace};

use crate::commands::listing::{SHOWN, shortened};

/// The key group or the instance.
pub(super) fn group(entry: &Entry<'_>) -> String {
    match entry.state.kind().is_keyed() {
        true => entry.key_group.to_string(),
        false => format!("instance {}", entry.key_group),
    }
}

/// The key, with the namespace if there is one.
pub(super) fn key(entry: &Entry<'_>) -> String {
    let key = entry.key.as_ref().map(shortened).unwrap_or_default();
    let namespace = entry.namespace.as_ref().map(|namespace| format!(" in {}", shortened(namespace)));
    format!("{key}{}", namespace.unwrap_or_default())
}

/// What distinguishes the rows of a key.
pub(super) fn place(entry: &Entry<'_>) -> String {
    match &entry.place {
        EntryPlace::Value => String::new(),
        EntryPlace::Element(sequence) => format!("[{sequence}]"),
        EntryPlace::MapKey(key) => shortened(key),
        EntryPlace::Timer { domain, time } => format!("{domain} {time}"),
    }
}

/// The value, or raw bytes.
pub(super) fn value(entry: &Entry<'_>) -> String {
    match &entry.raw {
        Some(raw) => shortened_hex(raw),
        None if entry.state.kind() == StateKind::Timers => String::new(),
        None => shortened(&entry.value),
    }
}

/// Bytes on one line of limited length.
fn shortened_hex(bytes: &[u8]) -> String {
    match bytes.get(..SHOWN / 2) {
        Some(shown) if shown.len() < bytes.len() => format!("{}...", hex::encode(shown)),
        _ => hex::encode(bytes),
    }
}

/// One row as JSON. Values write themselves, so that large numbers keep all digits.
pub(super) fn line(entry: &Entry<'_>) -> Result<String, serde_json::Error> {
    let mut line = format!("{{{}", members(entry)?);
    if let Some(last_write) = entry.last_write {
        line.push_str(&format!(r#","last_write":{last_write}"#));
    }
    if let Some((name, value)) = stored(entry) {
        line.push_str(&format!(r#","{name}":{value}"#));
    }
    line.push('}');
    Ok(line)
}

/// The members of a JSON object that say which row it is.
pub(super) fn members(entry: &Entry<'_>) -> Result<String, serde_json::Error> {
    let kind = entry.state.kind().to_string();
    let mut members = format!(
        r#""operator":{},"state":{},"kind":"{}","{}":{}"#,
        serde_json::to_string(entry.operator)?,
        serde_json::to_string(entry.state.name())?,
        kind.trim_end_matches(" state"),
        if entry.state.kind().is_keyed() { "key_group" } else { "instance" },
        entry.key_group,
    );
    if let Some(key) = &entry.key {
        members.push_str(&format!(r#","key":{}"#, key.to_json()));
    }
    if let Some(namespace) = &entry.namespace {
        members.push_str(&format!(r#","namespace":{}"#, namespace.to_json()));
    }
    match &entry.place {
        EntryPlace::Value => {}
        EntryPlace::Element(sequence) => members.push_str(&format!(r#","element":{sequence}"#)),
        EntryPlace::MapKey(key) => members.push_str(&format!(r#","map_key":{}"#, key.to_json())),
        EntryPlace::Timer { domain, time } => {
            members.push_str(&format!(r#","domain":"{domain}","time":{time}"#));
        }
    }
    Ok(members)
}

/// The value as JSON, and whether it is raw bytes. A timer has none.
pub(super) fn stored(entry: &Entry<'_>) -> Option<(&'static str, String)> {
    match &entry.raw {
        Some(raw) => Some(("raw", format!("\"{}\"", hex::encode(raw)))),
        None if entry.state.kind() == StateKind::Timers => None,
        None => Some(("value", entry.value.to_json())),
    }
}
