//! The checksum of stored blocks.

/// The checksum of stored blocks: CRC-32 (IEEE), little-endian where it is stored.
#[must_use]
pub fn checksum(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}
