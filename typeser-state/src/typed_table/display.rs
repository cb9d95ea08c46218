//! Stored bytes as text for messages.

use typeser::SerializerSnapshot;
use typeser::text::hex;
use typeser::value::Value;

use crate::rows::display::fixed_form;

/// Stored bytes as text, or in hexadecimal digits if they are not what the snapshot says; shortened.
pub(super) fn shown(snapshot: &SerializerSnapshot, bytes: &[u8]) -> String {
    const SHOWN: usize = 200;
    let value = fixed_form(snapshot, bytes).and_then(|fixed| Value::decode(snapshot, &fixed).ok());
    let Some(value) = value else { return hexadecimal(bytes) };
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// Bytes in hexadecimal digits; shortened.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    const SHOWN: usize = 48;
    let digits = hex::encode(bytes.get(..SHOWN).unwrap_or(bytes));
    let more = if bytes.len() > SHOWN { "..." } else { "" };
    format!("0x{digits}{more} ({} bytes)", bytes.len())
}
