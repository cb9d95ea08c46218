//! The binary form, which is stored beside state.

use super::{
    CURRENT_VERSION, ReadSnapshotError, SerializerSnapshot, WriteSnapshotError, body,
    envelope::{self, Envelope},
    v1,
};

impl SerializerSnapshot {
    /// The binary form, in the current version.
    ///
    /// # Errors
    /// It would be larger than [`Limits::SNAPSHOT_BYTES`](crate::schema::Limits::SNAPSHOT_BYTES).
    pub fn to_bytes(&self) -> Result<Vec<u8>, WriteSnapshotError> {
        let body = body::encode(&v1::Body::from(self))
            .map_err(|reason| WriteSnapshotError::Codec { name: self.name().to_owned(), reason })?;
        envelope::wrap(&body).ok_or_else(|| WriteSnapshotError::TooLarge {
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
            1 => body::decode::<v1::Body<'_>>(body).map_err(malformed)?.try_into()?,
            found => return Err(ReadSnapshotError::UnknownVersion { found }),
        };
        Ok((Self::with_read_version(snapshot, version), size))
    }

    /// The version of the format that this snapshot was read in; the current one for what was never stored.
    #[must_use]
    pub fn read_version(&self) -> u16 {
        self.stored_version().unwrap_or(CURRENT_VERSION)
    }
}

fn malformed(error: body::BodyError) -> ReadSnapshotError {
    ReadSnapshotError::Body { offset: envelope::body_offset() + error.offset, reason: error.reason }
}
