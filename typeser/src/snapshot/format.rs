//! The format of stored snapshots: how it is recognised, and its versions.

/// How every stored snapshot begins. The first byte is no text, and the line break finds out who "corrects" them.
pub const MAGIC: [u8; 8] = *b"\x89TSNAP\r\n";
/// The version of the format that is written.
pub const CURRENT_VERSION: u16 = 1;
/// The versions of the format that can be read: all that were ever released.
pub const READ_VERSIONS: &[u16] = &[1];
