//! What `inspect` shows, as a tree for people and as JSON for programs.

use serde_json::{Value, json};
use typeser::SerializerSnapshot;

use super::tree::Tree;

/// The version of the JSON form.
pub(super) const JSON_VERSION: u32 = 1;

/// What was found, in both forms.
pub(super) struct Document {
    pub(super) tree: Tree,
    pub(super) json: Value,
}

/// A serializer as JSON, with its snapshot.
pub(super) fn serializer(snapshot: &SerializerSnapshot) -> Value {
    json!({
        "name": snapshot.name(),
        "version": snapshot.version(),
        "fingerprint": snapshot.fingerprint().to_string(),
        "integers": snapshot.configuration().integers.to_string(),
        // The library writes valid JSON.
        "snapshot": serde_json::from_str::<Value>(&snapshot.to_json()).unwrap_or_default(),
    })
}
