//! How the layout of a value is stored with it.

use super::error::NotFramed;
use super::tag::Tag;
use crate::schema::Fingerprint;
use crate::snapshot::{SerializerSnapshot, WriteSnapshotError};
use crate::wire::{Output, Reader, Variable, Writer};

/// How the layout of a value is stored with it. `docs/format.md` draws the bytes.
///
/// All values of one [`Versions`](super::Versions) have the same frame.
///
/// ```
/// use typeser::Serializer;
/// use typeser::versions::{Frame, Versions};
///
/// let framed = |frame| -> Result<Vec<u8>, Box<dyn std::error::Error>> {
///     Ok(Versions::builder(Serializer::<u8>::new()?).frame(frame).build()?.encode(&7)?)
/// };
/// assert_eq!(framed(Frame::Fingerprint)?.len(), 2 + 8 + 1);
/// assert_eq!(framed(Frame::OutOfBand)?, [7]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Frame {
    /// Two bytes of magic, `f8 54`, and the 8 bytes of the [`Tag`].
    #[default]
    Fingerprint,
    /// A number in the variable encoding. The caller keeps the table of numbers, in the same store.
    Short(Ids),
    /// A zero byte and a big-endian number of 4 bytes, as Confluent's schema registry assigns it.
    Confluent(Ids),
    /// Nothing: the [`Tag`] travels beside the value, in a header or a column.
    OutOfBand,
    /// The whole snapshot in its binary form, for files. Values of a release that the program does not know are
    /// resolved when they are read.
    SelfDescribing,
}

/// The numbers of layouts, for frames that store a number.
///
/// A layout may have several numbers; its values are written with the smallest one.
///
/// ```
/// use typeser::versions::{Frame, Ids, Versions};
/// use typeser::{Serializer, TypeSerializer};
///
/// let today = Serializer::<u8>::new()?;
/// let ids = Ids::from_iter([(300, today.snapshot().fingerprint())]);
/// let versions = Versions::builder(today).frame(Frame::Confluent(ids)).build()?;
/// assert_eq!(versions.encode(&7)?, [0, 0, 0, 1, 44, 7]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ids {
    entries: Vec<(u32, Fingerprint)>,
}

impl FromIterator<(u32, Fingerprint)> for Ids {
    fn from_iter<I: IntoIterator<Item = (u32, Fingerprint)>>(entries: I) -> Self {
        let mut entries: Vec<(u32, Fingerprint)> = entries.into_iter().collect();
        entries.sort_unstable();
        entries.dedup();
        Self { entries }
    }
}

impl Ids {
    /// The layout with this number.
    #[must_use]
    pub fn fingerprint(&self, id: u32) -> Option<Fingerprint> {
        let at = self.entries.binary_search_by_key(&id, |entry| entry.0).ok()?;
        Some(self.entries[at].1)
    }

    /// The smallest number of a layout.
    #[must_use]
    pub fn id(&self, fingerprint: Fingerprint) -> Option<u32> {
        self.entries.iter().find(|entry| entry.1 == fingerprint).map(|entry| entry.0)
    }

    /// A number that was given to two layouts.
    pub(super) fn ambiguous(&self) -> Option<u32> {
        self.entries.windows(2).find(|pair| pair[0].0 == pair[1].0).map(|pair| pair[0].0)
    }
}

/// The magic of [`Frame::Fingerprint`]. The first byte occurs in no UTF-8 text.
pub(super) const MAGIC: [u8; 2] = [0xF8, b'T'];
/// How long a frame with a tag is.
pub(super) const TAGGED: usize = MAGIC.len() + Tag::BYTES;

/// The frame of a value, as far as it can be read without knowing any layout.
#[derive(Debug)]
pub(super) enum Front<'a> {
    /// A tag, and the value.
    Tag(Tag, &'a [u8]),
    /// A number, and the value.
    Id(u32, &'a [u8]),
    /// A snapshot, and the value.
    Snapshot(SerializerSnapshot, &'a [u8]),
}

/// Why a layout cannot be stored in front of its values.
#[derive(Debug)]
pub(super) enum Unframed {
    NoId,
    Snapshot(WriteSnapshotError),
}

impl Frame {
    /// What is stored in front of the values of a layout.
    pub(super) fn front(&self, snapshot: &SerializerSnapshot) -> Result<Vec<u8>, Unframed> {
        let id = |ids: &Ids| ids.id(snapshot.fingerprint()).ok_or(Unframed::NoId);
        Ok(match self {
            Self::Fingerprint => [&MAGIC[..], &Tag::of(snapshot.fingerprint()).0].concat(),
            Self::Short(ids) => variable(id(ids)?),
            Self::Confluent(ids) => [&[0][..], &id(ids)?.to_be_bytes()].concat(),
            Self::OutOfBand => Vec::new(),
            Self::SelfDescribing => snapshot.to_bytes().map_err(Unframed::Snapshot)?,
        })
    }

    /// The layout with this number.
    pub(super) fn fingerprint(&self, id: u32) -> Option<Fingerprint> {
        match self {
            Self::Short(ids) | Self::Confluent(ids) => ids.fingerprint(id),
            Self::Fingerprint | Self::OutOfBand | Self::SelfDescribing => None,
        }
    }

    /// Reads the frame of a stored value.
    pub(super) fn open<'a>(&self, stored: &'a [u8]) -> Result<Front<'a>, NotFramed> {
        let magic = |magic: &'static [u8], size: usize| match stored.len() {
            length if !stored.starts_with(&magic[..magic.len().min(length)]) => {
                NotFramed::Magic { found: stored.iter().copied().take(magic.len()).collect(), expected: magic }
            }
            length => NotFramed::Short { length, expected: size },
        };
        match self {
            Self::Fingerprint => match stored.strip_prefix(&MAGIC).and_then(<[u8]>::split_first_chunk) {
                Some((tag, value)) => Ok(Front::Tag(Tag(*tag), value)),
                None => Err(magic(&MAGIC, TAGGED)),
            },
            Self::Confluent(_) => match stored.strip_prefix(&[0]).and_then(<[u8]>::split_first_chunk) {
                Some((id, value)) => Ok(Front::Id(u32::from_be_bytes(*id), value)),
                None => Err(magic(&[0], 5)),
            },
            Self::Short(_) => {
                let mut reader = Reader::<Variable>::new(stored);
                let id = reader.take_u32().map_err(NotFramed::Number)?;
                Ok(Front::Id(id, &stored[reader.offset()..]))
            }
            Self::OutOfBand => Err(NotFramed::OutOfBand),
            Self::SelfDescribing => match SerializerSnapshot::from_front(stored) {
                Ok((snapshot, size)) => Ok(Front::Snapshot(snapshot, &stored[size..])),
                Err(error) => Err(NotFramed::Snapshot(error)),
            },
        }
    }
}

fn variable(id: u32) -> Vec<u8> {
    let mut output = Output::<Variable>::new(Vec::new());
    output.put_u32(id);
    output.into_bytes()
}
