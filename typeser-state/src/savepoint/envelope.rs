//! The envelope at the front of each file of a savepoint: magic, version, length, body, checksum. It is the same in
//! every version.
//!
//! The magic, the version and the checksum of a file are checked before its body is decoded.

use std::path::Path;

use typeser::wire::checksum;

use super::error::ReadSavepointError;
use super::format::{CURRENT_VERSION, READ_VERSIONS};

const VERSION_AT: usize = 8;
const LENGTH_AT: usize = VERSION_AT + size_of::<u16>();
/// Where the body begins.
pub(super) const BODY_AT: usize = LENGTH_AT + size_of::<u32>();
const CHECKSUM_SIZE: usize = size_of::<u32>();
/// The number of bytes that determine the size of an envelope.
pub(super) const HEAD: usize = BODY_AT;

/// An envelope whose checksum is correct.
pub(super) struct Envelope<'a> {
    pub(super) version: u16,
    pub(super) body: &'a [u8],
    /// Its size, including the checksum.
    pub(super) size: usize,
}

/// Wraps a body of the current version; `None` if it is too large.
pub(super) fn wrap(magic: [u8; 8], body: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(body.len()).ok()?;
    let mut bytes = Vec::with_capacity(BODY_AT + body.len() + CHECKSUM_SIZE);
    bytes.extend_from_slice(&magic);
    bytes.extend_from_slice(&CURRENT_VERSION.to_le_bytes());
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(body);
    bytes.extend_from_slice(&checksum(&bytes).to_le_bytes());
    Some(bytes)
}

/// The size of the envelope that begins with `head`, in a file of this length.
pub(super) fn size(file: &Path, magic: [u8; 8], head: &[u8], file_length: u64) -> Result<u64, ReadSavepointError> {
    let cut = |expected| ReadSavepointError::Cut { file: file.to_owned(), offset: 0, expected, found: file_length };
    let begins = head.get(..magic.len()).unwrap_or(head);
    if !magic.starts_with(begins) {
        return Err(ReadSavepointError::WrongMagic { file: file.to_owned(), found: begins.to_vec(), expected: magic });
    }
    let least = (BODY_AT + CHECKSUM_SIZE) as u64;
    let found = u16::from_le_bytes(array_at(head, VERSION_AT).ok_or_else(|| cut(least))?);
    if !READ_VERSIONS.contains(&found) {
        return Err(ReadSavepointError::UnknownVersion { file: file.to_owned(), offset: VERSION_AT as u64, found });
    }
    let length = u32::from_le_bytes(array_at(head, LENGTH_AT).ok_or_else(|| cut(least))?);
    let size = least + u64::from(length);
    if size > file_length { Err(cut(size)) } else { Ok(size) }
}

/// Opens the envelope at the front of these bytes, which are at least [`size`] many.
pub(super) fn open<'a>(file: &Path, magic: [u8; 8], bytes: &'a [u8]) -> Result<Envelope<'a>, ReadSavepointError> {
    let found = bytes.len() as u64;
    let size = usize::try_from(size(file, magic, bytes, found)?).unwrap_or(usize::MAX);
    let checksum_at = size - CHECKSUM_SIZE;
    let cut = || ReadSavepointError::Cut { file: file.to_owned(), offset: 0, expected: size as u64, found };
    let version = u16::from_le_bytes(array_at(bytes, VERSION_AT).ok_or_else(cut)?);
    let stored = u32::from_le_bytes(array_at(bytes, checksum_at).ok_or_else(cut)?);
    let computed = checksum(&bytes[..checksum_at]);
    if stored != computed {
        let (file, length) = (file.to_owned(), checksum_at as u64);
        return Err(ReadSavepointError::Damaged { file, offset: 0, length, stored, computed });
    }
    Ok(Envelope { version, body: &bytes[BODY_AT..checksum_at], size })
}

fn array_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}
