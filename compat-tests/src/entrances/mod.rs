//! The entrances: every function that is given bytes or text which typeser may not have written, and the laws that hold
//! whatever these are. Each takes any bytes, panics if a law is broken, and is a target of `fuzz/`; `tests/entrances.rs`
//! runs it over recorded inputs.

mod evolutions;
mod snapshots;
mod stores;
mod values;

/// An entrance: a name, and a function that panics if a law does not hold for these bytes.
#[derive(Debug, Clone, Copy)]
pub struct Entrance {
    /// The name of the target, and of the folder of its recorded inputs.
    pub name: &'static str,
    /// Checks the laws on any bytes.
    pub check: fn(&[u8]),
}

/// All of them.
pub const ENTRANCES: &[Entrance] = &[
    Entrance { name: "snapshot_binary", check: snapshots::binary },
    Entrance { name: "snapshot_json", check: snapshots::json },
    Entrance { name: "snapshot_text", check: snapshots::text },
    Entrance { name: "typed_value", check: values::typed },
    Entrance { name: "dynamic_value", check: values::dynamic },
    Entrance { name: "value_json", check: values::json },
    Entrance { name: "ordered_key", check: values::ordered },
    Entrance { name: "comparison", check: evolutions::comparison },
    Entrance { name: "migration", check: evolutions::migration },
    Entrance { name: "oracle", check: evolutions::oracle },
    Entrance { name: "frame", check: stores::frame },
    Entrance { name: "file", check: stores::file },
    Entrance { name: "manifest", check: stores::manifest },
    Entrance { name: "rows", check: stores::rows },
    Entrance { name: "table_record", check: stores::table_record },
];

/// The entrance of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Entrance> {
    ENTRANCES.iter().find(|entrance| entrance.name == name)
}

/// Gives the bytes a checksum that holds, in place of their last four bytes: hardly any random bytes have one.
fn sealed(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if let Some(content) = bytes.len().checked_sub(4) {
        let checksum = typeser::wire::checksum(&bytes[..content]).to_le_bytes();
        bytes[content..].copy_from_slice(&checksum);
    }
    bytes
}

/// The first part, as long as its first two bytes say, and the rest.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let Some((length, rest)) = bytes.split_first_chunk() else { return (bytes, &[]) };
    rest.split_at(usize::from(u16::from_le_bytes(*length)).min(rest.len()))
}
