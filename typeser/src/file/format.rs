//! The format of files: how it is recognised, and its version.

/// The first bytes of every file: a non-ASCII byte, and a CRLF that detects line-ending conversion.
pub const MAGIC: [u8; 8] = *b"\x89TFILE\r\n";
/// The version of the format that is written, and the only one that can be read.
pub const CURRENT_VERSION: u16 = 1;
