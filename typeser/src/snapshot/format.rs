//! The format of stored snapshots: how it is recognised, and its versions.

/// The first bytes of every stored snapshot: a non-ASCII byte, and a CRLF that detects line-ending conversion.
pub const MAGIC: [u8; 8] = *b"\x89TSNAP\r\n";
/// The newest version of the format. A snapshot that an earlier version can hold is written in that one, so that earlier
/// releases can read it.
pub const CURRENT_VERSION: u16 = 2;
/// The versions of the format that can be read: all that were ever released.
pub const READ_VERSIONS: &[u16] = &[1, 2];
