//! Magic numbers, file names and versions of the savepoint format.

/// The first bytes of every manifest: a non-ASCII byte, a name, and a CRLF that detects line-ending conversion.
#[doc(hidden)]
pub const MANIFEST_MAGIC: [u8; 8] = *b"\x89TSAVE\r\n";
/// The first bytes of every file of rows.
#[doc(hidden)]
pub const ROWS_MAGIC: [u8; 8] = *b"\x89TROWS\r\n";
/// The version of the format that is written.
pub const CURRENT_VERSION: u16 = 2;
/// The versions of the format that can be read: all that were ever released.
pub const READ_VERSIONS: &[u16] = &[1, 2];
/// The name of the manifest within the directory.
pub const MANIFEST_NAME: &str = "manifest.typeser";
