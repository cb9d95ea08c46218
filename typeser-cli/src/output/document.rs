//! JSON documents.

use super::error::OutputError;

/// A document as JSON, with a line break at the end.
pub(super) fn to_json(format: &'static str, document: &impl serde::Serialize) -> Result<String, OutputError> {
    let json = serde_json::to_string_pretty(document);
    json.map(|json| json + "\n").map_err(|error| OutputError::Form { format, reason: error.to_string() })
}
