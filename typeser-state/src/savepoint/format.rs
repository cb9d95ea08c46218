//! How files of savepoints are recognized, and which versions of the format there are.

/// How every manifest begins. The first byte is no text, and the line break finds out who "corrects" them.
pub const MANIFEST_MAGIC: [u8; 8] = *b"\x89TSAVE\r\n";
/// How every file of rows begins.
pub const ROWS_MAGIC: [u8; 8] = *b"\x89TROWS\r\n";
/// The version of the format that is written.
pub const CURRENT_VERSION: u16 = 2;
/// The versions of the format that can be read: all that were ever released.
pub const READ_VERSIONS: &[u16] = &[1, 2];
/// The name of the manifest within the directory.
pub const MANIFEST_NAME: &str = "manifest.typeser";
