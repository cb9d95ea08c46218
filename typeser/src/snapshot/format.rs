//! The format of stored snapshots: how it is recognised, and its versions.

/// The first bytes of every stored snapshot: a non-ASCII byte, and a CRLF that detects line-ending conversion.
pub const MAGIC: [u8; 8] = *b"\x89TSNAP\r\n";
/// The version of the format that is written.
pub const CURRENT_VERSION: u16 = 1;
/// The versions of the format that can be read: all that were ever released.
pub const READ_VERSIONS: &[u16] = &[1];
