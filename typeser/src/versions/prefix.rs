//! What is stored in front of today's values, compared in a few instructions.

use super::frame::TAGGED;
use super::stored::Stored;

/// What is stored in front of today's values.
#[derive(Debug)]
pub(super) enum Prefix {
    /// Nothing: the tag lies beside them, so that no stored bytes are known by their front.
    Beside,
    /// A frame of the usual length, which is compared without a loop.
    Tagged([u8; TAGGED]),
    /// Any other frame.
    Other(Box<[u8]>),
}

impl Prefix {
    pub(super) fn of(front: Vec<u8>) -> Self {
        match front.as_slice().try_into() {
            Ok(front) => Self::Tagged(front),
            Err(_) => Self::Other(front.into()),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Beside => &[],
            Self::Tagged(front) => front,
            Self::Other(front) => front,
        }
    }

    /// The bytes of the value, if it is today's with a frame of the usual length.
    #[inline(always)]
    pub(super) fn strip_tagged<'a>(&self, stored: Stored<'a>) -> Option<&'a [u8]> {
        match (self, stored) {
            (Self::Tagged(front), Stored::Framed(bytes)) => {
                let (found, value) = bytes.split_first_chunk()?;
                (found == front).then_some(value)
            }
            _ => None,
        }
    }

    /// The bytes of the value, if it is today's with any other frame.
    pub(super) fn strip<'a>(&self, stored: Stored<'a>) -> Option<&'a [u8]> {
        match (self, stored) {
            (Self::Other(front), Stored::Framed(bytes)) => bytes.strip_prefix(&**front),
            _ => None,
        }
    }
}
