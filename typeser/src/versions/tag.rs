//! The tag of a layout: the first 8 bytes of its fingerprint.

use std::fmt;

use crate::schema::Fingerprint;
use crate::text::hex;

/// The tag of a layout, which is stored with a value: the first 8 bytes of its [`Fingerprint`], big-endian.
///
/// It displays itself as the first 16 digits of the fingerprint.
///
/// ```
/// use typeser::versions::Tag;
/// use typeser::{Serializer, TypeSerializer};
///
/// let fingerprint = Serializer::<u32>::new()?.snapshot().fingerprint();
/// assert!(fingerprint.to_string().starts_with(&Tag::of(fingerprint).to_string()));
/// # Ok::<(), typeser::serializer::DescribeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub [u8; Self::BYTES]);

impl Tag {
    /// How many bytes a tag has.
    pub const BYTES: usize = 8;

    /// The tag of the layout with this fingerprint.
    #[must_use]
    pub const fn of(fingerprint: Fingerprint) -> Self {
        Self(((fingerprint.0 >> 64) as u64).to_be_bytes())
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(&self.0, f)
    }
}
