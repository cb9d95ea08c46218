//! The binary form, which is stored beside state.

use super::envelope::{self, Envelope};
use super::{ReadSnapshotError, SerializerSnapshot, WriteSnapshotError, v1_read, v1_write, v2_read, v2_write};

impl SerializerSnapshot {
    /// The binary form, in the earliest version that can hold this snapshot.
    ///
    /// # Errors
    /// It would be larger than [`Limits::SNAPSHOT_BYTES`](crate::schema::Limits::SNAPSHOT_BYTES), or what it declares is
    /// in conflict and needs a version that refuses such snapshots.
    pub fn to_bytes(&self) -> Result<Vec<u8>, WriteSnapshotError> {
        let version = self.written_version();
        let body = match version {
            1 => v1_write::write(self),
            _ => {
                let refused = |conflict| WriteSnapshotError::Conflict { name: self.name().to_owned(), conflict };
                self.check_declared().map_err(refused)?;
                v2_write::write(self)
            }
        };
        envelope::wrap(version, &body).ok_or_else(|| WriteSnapshotError::TooLarge {
            name: self.name().to_owned(),
            size: body.len().saturating_add(envelope::OVERHEAD),
        })
    }

    /// Reads the binary form, in any version of [`READ_VERSIONS`](super::READ_VERSIONS).
    ///
    /// # Errors
    /// The bytes are not those of one snapshot; see [`ReadSnapshotError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReadSnapshotError> {
        let (snapshot, offset) = Self::from_front(bytes)?;
        match bytes.len() - offset {
            0 => Ok(snapshot),
            count => Err(ReadSnapshotError::TrailingBytes { offset, count }),
        }
    }

    /// Reads the snapshot at the front of these bytes. Returns how many bytes it takes.
    ///
    /// # Errors
    /// The bytes do not begin with a snapshot; see [`ReadSnapshotError`].
    #[doc(hidden)]
    pub fn from_front(bytes: &[u8]) -> Result<(Self, usize), ReadSnapshotError> {
        let Envelope { version, body, size } = envelope::open(bytes)?;
        let snapshot = match version {
            1 => v1_read::read(body)?,
            2 => v2_read::read(body)?,
            found => return Err(ReadSnapshotError::UnknownVersion { found }),
        };
        Ok((Self::with_read_version(snapshot, version), size))
    }

    /// The version of the format that this snapshot was read in; for what was never stored, the one in which it is
    /// written.
    #[must_use]
    pub fn read_version(&self) -> u16 {
        self.stored_version().unwrap_or_else(|| self.written_version())
    }
}
