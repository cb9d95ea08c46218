//! Where the bytes of a stored value lie, which says whether they are framed.

/// The stored bytes of one value, and where they lie.
///
/// Bytes that are passed as they are (`versions.decode(&bytes)`) are framed. Whether they are is never guessed from the
/// bytes: the caller knows it from the table, the column or the header that they come from.
///
/// ```
/// use typeser::versions::{Frame, Stored, Versions};
/// use typeser::Serializer;
///
/// let versions = Versions::builder(Serializer::<u32>::new()?).frame(Frame::OutOfBand).build()?;
/// let value = versions.encode(&7)?;
/// assert_eq!(value, [7, 0, 0, 0]);
/// let header = versions.tag().0;
/// assert_eq!(versions.decode(Stored::Tagged { tag: &header, value: &value })?, 7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stored<'a> {
    /// A frame and the bytes of the value.
    Framed(&'a [u8]),
    /// The bytes of the value; its tag lies beside it: in a header or a column.
    Tagged {
        /// The tag.
        tag: &'a [u8],
        /// The bytes of the value.
        value: &'a [u8],
    },
    /// The bytes of a value without any tag, in the layout that was [declared](crate::versions::VersionsBuilder::legacy).
    Legacy(&'a [u8]),
}

impl<'a> From<&'a [u8]> for Stored<'a> {
    #[inline]
    fn from(bytes: &'a [u8]) -> Self {
        Self::Framed(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Stored<'a> {
    #[inline]
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Framed(bytes)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Stored<'a> {
    #[inline]
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Framed(bytes)
    }
}
