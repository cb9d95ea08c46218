//! Samples as JSON: the bytes of each value, and the value as text.

use std::fmt::Write as _;

use super::{Golden, Sample};
use crate::snapshot::{Json, ParseSnapshotError, SerializerSnapshot, json_string};
use crate::text::hex;
use crate::value::{DecodeValueErrorKind, Value};

/// The version of the form.
const VERSION: u32 = 1;

/// A sample as it is written.
struct Entry {
    bytes: String,
    value: Option<String>,
    generated: bool,
}

/// What the bytes of a sample say, as text on one line; `None` if a part without a length hides where it ends.
pub(super) fn rendering(snapshot: &SerializerSnapshot, bytes: &[u8]) -> Result<Option<String>, String> {
    match Value::decode(snapshot, bytes) {
        Ok(value) => Ok(Some(value.to_string())),
        Err(error) if matches!(error.kind(), DecodeValueErrorKind::OpaqueUnframed { .. }) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

/// The file of a golden's samples.
pub(super) fn to_json(golden: &Golden) -> String {
    let mut json = String::from("{\n");
    _ = writeln!(json, "  \"typeser-golden\": {VERSION},");
    _ = writeln!(json, "  \"state\": {},", json_string(&golden.state));
    _ = writeln!(json, "  \"role\": {},", json_string(golden.role.word()));
    json.push_str("  \"samples\": [");
    for (number, sample) in golden.samples.iter().enumerate() {
        json.push_str(if number == 0 { "\n    {\n" } else { ",\n    {\n" });
        _ = writeln!(json, "      \"bytes\": \"{}\",", hex::encode(&sample.bytes));
        let value = sample.value.as_deref().map_or_else(|| "null".to_owned(), json_string);
        _ = write!(json, "      \"value\": {value}");
        if sample.generated {
            json.push_str(",\n      \"generated\": true");
        }
        json.push_str("\n    }");
    }
    json.push_str(if golden.samples.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
    json
}

/// Why a file holds no samples of a golden.
pub(super) enum Malformed {
    /// It is not of this form.
    Form(String),
    /// It is of another state or role.
    Other(String),
    /// A sample, counted from 1, is not bytes of the snapshot.
    Bytes(usize, String),
    /// A sample, counted from 1, says something else than its bytes.
    Value(usize, Option<String>),
}

impl From<ParseSnapshotError> for Malformed {
    fn from(error: ParseSnapshotError) -> Self {
        Self::Form(error.to_string())
    }
}

/// Reads the file of the samples of a state.
pub(super) fn from_json(
    bytes: &[u8],
    (state, role): (&str, &str),
    snapshot: &SerializerSnapshot,
) -> Result<Vec<Sample>, Malformed> {
    let mut json = Json::from_bytes(bytes).and_then(Json::object)?;
    let version: u32 = json.expect("typeser-golden")?.number()?;
    if version != VERSION {
        return Err(Malformed::Form(format!(
            "its form has version {version}, this release of typeser reads {VERSION}: upgrade typeser"
        )));
    }
    let found = (json.text("state")?, json.text("role")?);
    let entries = json.expect("samples")?.array()?;
    json.finish()?;
    let entries: Vec<Entry> = entries.into_iter().map(Entry::read).collect::<Result<_, _>>()?;
    if (found.0.as_str(), found.1.as_str()) != (state, role) {
        return Err(Malformed::Other(format!("{} of state `{}`", found.1, found.0)));
    }
    let mut samples = Vec::with_capacity(entries.len());
    for (number, entry) in (1..).zip(entries) {
        let bytes = canonical_hex(&entry.bytes)
            .ok_or_else(|| Malformed::Bytes(number, "expected pairs of the digits 0 to 9 and a to f".to_owned()))?;
        let value = rendering(snapshot, &bytes).map_err(|reason| Malformed::Bytes(number, reason))?;
        if value != entry.value {
            return Err(Malformed::Value(number, value));
        }
        samples.push(Sample { bytes, value, generated: entry.generated });
    }
    Ok(samples)
}

impl Entry {
    fn read(json: Json) -> Result<Self, ParseSnapshotError> {
        let mut json = json.object()?;
        let bytes = json.text("bytes")?;
        let value = json.take("value").filter(|value| !value.is_null());
        let value = value.map(Json::string).transpose()?.map(|text| text.value);
        let generated = json.bool("generated")?;
        json.finish()?;
        Ok(Self { bytes, value, generated })
    }
}

/// The bytes that digits represent as [`hex::encode`] writes them.
fn canonical_hex(digits: &str) -> Option<Vec<u8>> {
    let is_canonical = !digits.bytes().any(|digit| digit.is_ascii_uppercase());
    if is_canonical { hex::decode(digits) } else { None }
}
