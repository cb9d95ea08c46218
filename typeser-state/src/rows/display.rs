//! Stored keys and values as text for messages.

use std::borrow::Cow;

use typeser::SerializerSnapshot;
use typeser::ordered::OrderedForm;
use typeser::text::hex;
use typeser::value::Value;

use crate::descriptor::{OperatorMeta, SerializerPart};
use crate::savepoint::Row;

/// Whose row it is, as text: the stored key, or the number of the instance; then namespace and map key, where
/// it has them.
pub(crate) fn shown_key(operator: &OperatorMeta, row: &Row<'_>) -> String {
    let mut text = match (operator.keyed, row.state.kind().has_keys()) {
        (true, true) => shown(Some(operator.key()), row.key.key),
        (true, false) => format!("none, in key group {}", row.key.key_group),
        (false, _) => format!("none, in instance {}", row.key.key_group),
    };
    if let Some(snapshot) = row.state.namespace() {
        text.push_str(&format!(", namespace {}", shown(Some(snapshot), row.key.namespace)));
    }
    if let Some(snapshot) = row.state.serializer(SerializerPart::UserKey) {
        text.push_str(&format!(", map key {}", shown(Some(snapshot), row.key.rest)));
    }
    text
}

/// Stored bytes as text; shortened.
pub(crate) fn shown(snapshot: Option<&SerializerSnapshot>, bytes: &[u8]) -> String {
    const SHOWN: usize = 200;
    let value = snapshot.and_then(|snapshot| Value::decode(snapshot, &fixed_form(snapshot, bytes)?).ok());
    let Some(value) = value else {
        return format!("{} bytes that cannot be read", bytes.len());
    };
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// The fixed encoding of what is stored, which may be the ordered form of it; `None` for bytes that are no such form.
pub(crate) fn fixed_form<'a>(snapshot: &SerializerSnapshot, stored: &'a [u8]) -> Option<Cow<'a, [u8]>> {
    if !snapshot.configuration().ordered {
        return Some(Cow::Borrowed(stored));
    }
    let mut fixed = Vec::new();
    OrderedForm::new(snapshot.schema()).ok()?.decode(stored, &mut fixed).ok()?;
    Some(Cow::Owned(fixed))
}

/// A stored key as text, with its bytes; both shortened.
pub(crate) fn shown_with_bytes(snapshot: Option<&SerializerSnapshot>, bytes: &[u8]) -> String {
    const SHOWN: usize = 24;
    let digits = hex::encode(bytes.get(..SHOWN).unwrap_or(bytes));
    let more = if bytes.len() > SHOWN { "..." } else { "" };
    format!("{} (stored bytes 0x{digits}{more})", shown(snapshot, bytes))
}
