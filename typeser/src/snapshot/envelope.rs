//! The envelope of a stored snapshot: magic, version and checksum are checked before the body is decoded.
//!
//! Magic, version, length of the body, body, checksum over all of that. The envelope is the same in every version.

use super::error::ReadSnapshotError;
use super::format::{MAGIC, READ_VERSIONS};
use crate::schema::Limits;
use crate::wire::checksum;

const VERSION_AT: usize = MAGIC.len();
const LENGTH_AT: usize = VERSION_AT + size_of::<u16>();
const BODY_AT: usize = LENGTH_AT + size_of::<u32>();
const CHECKSUM_SIZE: usize = size_of::<u32>();

/// How many bytes a snapshot takes beside its body.
pub(super) const OVERHEAD: usize = BODY_AT + CHECKSUM_SIZE;

/// An envelope that holds what it promises.
pub(super) struct Envelope<'a> {
    pub(super) version: u16,
    pub(super) body: &'a [u8],
    /// How many bytes the envelope takes, body and all.
    pub(super) size: usize,
}

/// Puts a body of this version into its envelope; `None` if it is too large.
pub(super) fn wrap(version: u16, body: &[u8]) -> Option<Vec<u8>> {
    let size = body.len().checked_add(OVERHEAD).filter(|size| *size <= Limits::SNAPSHOT_BYTES)?;
    let length = u32::try_from(body.len()).ok()?;
    let mut bytes = Vec::with_capacity(size);
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&version.to_le_bytes());
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(body);
    let checksum = checksum(&bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
    Some(bytes)
}

/// Opens the envelope at the front of these bytes.
pub(super) fn open(bytes: &[u8]) -> Result<Envelope<'_>, ReadSnapshotError> {
    let cut = |expected| ReadSnapshotError::Cut { expected, found: bytes.len() };
    let begins = bytes.get(..MAGIC.len()).unwrap_or(bytes);
    if !MAGIC.starts_with(begins) {
        return Err(ReadSnapshotError::NotASnapshot { found: begins.to_vec() });
    }
    let version = u16::from_le_bytes(array_at(bytes, VERSION_AT).ok_or_else(|| cut(OVERHEAD))?);
    if !READ_VERSIONS.contains(&version) {
        return Err(ReadSnapshotError::UnknownVersion { found: version });
    }
    let length = u32::from_le_bytes(array_at(bytes, LENGTH_AT).ok_or_else(|| cut(OVERHEAD))?) as usize;
    let size = length.saturating_add(OVERHEAD);
    if size > Limits::SNAPSHOT_BYTES {
        return Err(ReadSnapshotError::TooLarge { size });
    }
    let checksum_at = size - CHECKSUM_SIZE;
    let stored = u32::from_le_bytes(array_at(bytes, checksum_at).ok_or_else(|| cut(size))?);
    let computed = checksum(&bytes[..checksum_at]);
    if stored != computed {
        return Err(ReadSnapshotError::Checksum { stored, computed });
    }
    Ok(Envelope { version, body: &bytes[BODY_AT..checksum_at], size })
}

/// Where the body begins.
pub(super) const fn body_offset() -> usize {
    BODY_AT
}

fn array_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}
