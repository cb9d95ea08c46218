//! Today's type and every layout that its stored values may have.

use std::sync::Arc;

use super::error::{NotFramed, StoredValueError, UnknownLayout};
use super::frame::{Frame, Front, MAGIC};
use super::layouts::{Layout, Layouts};
use super::older::OlderLayout;
use super::prefix::Prefix;
use super::reader::ReadError;
use super::stored::Stored;
use super::survey::Survey;
use super::tag::Tag;
use crate::migrate::Trust;
use crate::resolve::Policy;
use crate::schema::Fingerprint;
use crate::serializer::{Serializer, StateType, TypeSerializer};
use crate::snapshot::SerializerSnapshot;
use crate::value::Value;
use crate::wire::{DecodeError, EncodeError};

/// Today's type, and every snapshot that its stored values may have.
///
/// Values of all releases may lie side by side: a frame in front of each says which layout it has. Building resolves
/// every snapshot and refuses with the report on each that is incompatible; then nothing is resolved again. Cheap to
/// clone, and safe to share between threads.
///
/// It is for values. Do not frame keys: equal keys must have equal bytes, and their order matters.
///
/// ```
/// # #[cfg(feature = "derive")] {
/// use typeser::versions::Versions;
/// use typeser::{Serializer, StateType, TypeSerializer};
///
/// mod release_1 {
///     #[derive(typeser::StateType)]
///     pub struct Order { pub id: u32, pub note: String }
/// }
///
/// #[derive(StateType, Debug, PartialEq)]
/// struct Order { id: u64, #[state(alias = "note")] remark: String }
///
/// let old = Versions::builder(Serializer::<release_1::Order>::new()?).build()?;
/// let stored = old.encode(&release_1::Order { id: 7, note: "fragile".into() })?;
///
/// // The snapshot of the first release comes from its goldens, or from the store.
/// let snapshot = Serializer::<release_1::Order>::new()?.snapshot().clone();
/// let versions = Versions::builder(Serializer::<Order>::new()?).release("1.0.0", snapshot).build()?;
/// let order = Order { id: 7, remark: "fragile".into() };
/// assert_eq!(versions.decode(&stored)?, order);
/// assert_eq!(versions.which(&stored)?, ["1.0.0"]);
/// let stored = versions.encode(&order)?;
/// assert_eq!(versions.decode(&stored)?, order);
/// assert_eq!(versions.which(&stored)?, ["today"]);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Versions<T> {
    inner: Arc<Inner<T>>,
}

/// What a set of versions is made of.
#[derive(Debug)]
pub(super) struct Inner<T> {
    pub(super) today: Serializer<T>,
    /// What is stored in front of today's values.
    pub(super) prefix: Prefix,
    pub(super) frame: Frame,
    /// The layout in which values are written, if it is not today's.
    pub(super) older: Option<OlderLayout>,
    pub(super) layouts: Layouts<T>,
    pub(super) legacy: Option<Fingerprint>,
    pub(super) policy: Policy,
    pub(super) trust: Trust,
}

/// Requires no `T: Clone`.
impl<T> Clone for Versions<T> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

/// The layout of a stored value.
enum Found<'v, T> {
    Known(&'v Layout<T>),
    /// Of a snapshot in front of the value, which no known release has.
    Resolved(Box<Layout<T>>),
}

impl<T: StateType> Versions<T> {
    pub(super) fn new(inner: Inner<T>) -> Self {
        Self { inner: Arc::new(inner) }
    }

    /// The stored bytes of a value: its frame and its bytes in today's layout, or in that of the release that
    /// [`VersionsBuilder::encode_as`](super::VersionsBuilder::encode_as) names.
    ///
    /// # Errors
    /// The layout cannot hold the value.
    pub fn encode(&self, value: &T) -> Result<Vec<u8>, EncodeError> {
        let mut stored = Vec::new();
        self.encode_to(value, &mut stored)?;
        Ok(stored)
    }

    /// Appends the stored bytes of a value.
    ///
    /// # Errors
    /// The layout cannot hold the value. Then `to` is as it was before.
    pub fn encode_to(&self, value: &T, to: &mut Vec<u8>) -> Result<(), EncodeError> {
        if let Some(older) = &self.inner.older {
            return older.encode(&self.inner.today, value, to);
        }
        let before = to.len();
        to.extend_from_slice(self.inner.prefix.bytes());
        self.inner.today.serialize(value, to).inspect_err(|_| to.truncate(before))
    }

    /// Reads a stored value of any known release.
    ///
    /// ```
    /// use typeser::versions::Versions;
    /// use typeser::Serializer;
    ///
    /// let versions = Versions::builder(Serializer::<u32>::new()?).build()?;
    /// assert_eq!(versions.decode(&versions.encode(&7)?)?, 7);
    /// // Nothing is guessed: these bytes have no frame.
    /// let error = versions.decode(&[7, 0, 0, 0]).unwrap_err();
    /// assert!(error.to_string().starts_with("not a framed value"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// No known release wrote such bytes; see [`StoredValueError`].
    // Always, so that today's values are read in the caller, as by the serializer alone.
    #[inline(always)]
    pub fn decode<'a>(&self, stored: impl Into<Stored<'a>>) -> Result<T, StoredValueError> {
        let (inner, stored) = (&*self.inner, stored.into());
        match inner.prefix.strip_tagged(stored) {
            Some(value) => match inner.today.deserialize(value) {
                Ok(value) => Ok(value),
                Err(error) => Err(inner.today_error(error)),
            },
            None => self.decode_other(stored),
        }
    }

    /// Kept apart, so that reading today's values stays short.
    #[inline(never)]
    fn decode_other(&self, stored: Stored<'_>) -> Result<T, StoredValueError> {
        let inner = &*self.inner;
        let found;
        let (layout, value) = match (inner.tagged(stored), inner.prefix.strip(stored)) {
            (Some(found), _) => found,
            (None, Some(value)) => return inner.today.deserialize(value).map_err(|error| inner.today_error(error)),
            (None, None) => {
                let (other, value) = self.find(stored)?;
                found = other;
                (found.layout(), value)
            }
        };
        match layout.reader.read(value) {
            Ok(value) => Ok(value),
            Err(error) => Err(value_error(layout, error)),
        }
    }

    /// Appends the stored bytes of the same value in the layout and with the frame that [`Versions::encode`] writes,
    /// without creating a `T`.
    ///
    /// ```
    /// use typeser::versions::Versions;
    /// use typeser::{Serializer, TypeSerializer};
    ///
    /// let old = Serializer::<u16>::new()?;
    /// let stored = Versions::builder(old.clone()).build()?.encode(&7)?;
    /// let versions = Versions::builder(Serializer::<u32>::new()?).release("1.0.0", old.snapshot().clone()).build()?;
    /// let mut upgraded = Vec::new();
    /// versions.upgrade(&stored, &mut upgraded)?;
    /// assert_eq!(upgraded, versions.encode(&7)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// No known release wrote such bytes, or they would lose what a newer release added; see
    /// [`StoredValueError`]. Then `to` is as it was before.
    pub fn upgrade<'a>(&self, stored: impl Into<Stored<'a>>, to: &mut Vec<u8>) -> Result<(), StoredValueError> {
        let (found, value) = self.find(stored.into())?;
        let (layout, before) = (found.layout(), to.len());
        if let Some(older) = &self.inner.older {
            return older.rewrite(layout, value, to).map_err(|error| value_error(layout, error));
        }
        to.extend_from_slice(self.inner.prefix.bytes());
        layout.reader.upgrade(value, to).map_err(|error| {
            to.truncate(before);
            value_error(layout, error)
        })
    }

    /// Reads a stored value as it was written: by the names and types of the release that wrote it.
    ///
    /// # Errors
    /// No known release wrote such bytes, or they hold an opaque leaf without a length; see [`Value::decode`].
    pub fn value<'a>(&self, stored: impl Into<Stored<'a>>) -> Result<Value, StoredValueError> {
        let (found, value) = self.find(stored.into())?;
        let layout = found.layout();
        Value::decode(&layout.snapshot, value)
            .map_err(|error| StoredValueError::Dynamic { releases: layout.releases.clone(), error: Box::new(error) })
    }

    /// The releases that wrote the layout of a stored value. Releases that differ in hints only wrote the same layout.
    ///
    /// # Errors
    /// No known release wrote the layout; see [`StoredValueError`].
    pub fn which<'a>(&self, stored: impl Into<Stored<'a>>) -> Result<&[String], StoredValueError> {
        match self.find(stored.into())?.0 {
            Found::Known(layout) => Ok(&layout.releases),
            Found::Resolved(layout) => Err(unknown(Tag::of(layout.snapshot.fingerprint()))),
        }
    }

    /// Whether a stored value was read [downwards](Policy::downwards) without what a newer release added:
    /// [`Versions::upgrade`] refuses it, and what is encoded of its `T` lacks these fields.
    ///
    /// # Errors
    /// No known release wrote the layout; see [`StoredValueError`].
    pub fn is_read_only<'a>(&self, stored: impl Into<Stored<'a>>) -> Result<bool, StoredValueError> {
        Ok(self.find(stored.into())?.0.layout().reader.is_read_only())
    }

    /// Counts the stored values of each release, and collects those that cannot be read.
    ///
    /// ```
    /// use typeser::versions::Versions;
    /// use typeser::Serializer;
    ///
    /// let versions = Versions::builder(Serializer::<u8>::new()?).build()?;
    /// let stored = [versions.encode(&1)?, versions.encode(&2)?, b"no frame".to_vec()];
    /// let survey = versions.survey(&stored);
    /// assert_eq!(survey.layouts[0].values, 2);
    /// assert_eq!(survey.unreadable, 1);
    /// assert_eq!(survey.failures[0].0, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn survey<'a>(&self, stored: impl IntoIterator<Item = impl Into<Stored<'a>>>) -> Survey {
        let known = self.inner.layouts.all();
        let mut survey = Survey::of(known.iter().map(|layout| (&layout.releases, layout.snapshot.fingerprint())));
        for (place, stored) in stored.into_iter().enumerate() {
            let stored = stored.into();
            let read = self.find(stored).and_then(|(found, value)| {
                let layout = found.layout();
                layout.reader.read(value).map_err(|error| value_error(layout, error))?;
                Ok(layout.snapshot.fingerprint())
            });
            survey.count(place, read);
        }
        survey
    }

    /// The tag of the layout in which values are written, for frames that travel beside the value.
    #[must_use]
    pub fn tag(&self) -> Tag {
        match &self.inner.older {
            Some(older) => older.tag(),
            None => Tag::of(self.inner.today.snapshot().fingerprint()),
        }
    }

    /// The known releases, by layout, today's first.
    pub fn releases(&self) -> impl Iterator<Item = &str> {
        self.inner.layouts.all().iter().flat_map(|layout| &layout.releases).map(String::as_str)
    }

    /// Today's serializer.
    #[must_use]
    pub fn serializer(&self) -> &Serializer<T> {
        &self.inner.today
    }

    /// The layout of a stored value, and the bytes of the value alone.
    fn find<'a>(&self, stored: Stored<'a>) -> Result<(Found<'_, T>, &'a [u8]), StoredValueError> {
        let inner = &*self.inner;
        let of_tag = |tag: Tag| inner.layouts.of_tag(tag).map(Found::Known).ok_or_else(|| unknown(tag));
        match stored {
            Stored::Framed(bytes) => match inner.frame.open(bytes)? {
                Front::Tag(tag, value) => Ok((of_tag(tag)?, value)),
                Front::Id(id, value) => {
                    let layout = inner.frame.fingerprint(id).and_then(|found| inner.layouts.of_fingerprint(found));
                    let unknown = StoredValueError::UnknownRelease { layout: UnknownLayout::Id(id) };
                    Ok((layout.map(Found::Known).ok_or(unknown)?, value))
                }
                Front::Snapshot(snapshot, value) => Ok((self.described(&snapshot)?, value)),
            },
            Stored::Tagged { tag, value } => match <[u8; Tag::BYTES]>::try_from(tag) {
                Ok(tag) => Ok((of_tag(Tag(tag))?, value)),
                Err(_) => Err(NotFramed::Tag { length: tag.len() }.into()),
            },
            Stored::Legacy(value) => {
                let layout = inner.legacy.and_then(|legacy| inner.layouts.of_fingerprint(legacy));
                Ok((layout.map(Found::Known).ok_or(StoredValueError::NoLegacy)?, value))
            }
        }
    }

    /// The layout of a snapshot in front of a value. It is resolved here if its hints are not those of a known release.
    fn described(&self, snapshot: &SerializerSnapshot) -> Result<Found<'_, T>, StoredValueError> {
        let inner = &*self.inner;
        let known = inner.layouts.of_fingerprint(snapshot.fingerprint());
        if let Some(layout) = known.filter(|layout| layout.snapshots.contains(snapshot)) {
            return Ok(Found::Known(layout));
        }
        let layout = Layout::new(snapshot, &inner.today, &inner.policy, inner.trust);
        layout
            .map(|layout| Found::Resolved(Box::new(layout)))
            .map_err(|error| StoredValueError::NotReadable(Box::new(error)))
    }
}

impl<T> Found<'_, T> {
    fn layout(&self) -> &Layout<T> {
        match self {
            Self::Known(layout) => layout,
            Self::Resolved(layout) => layout,
        }
    }
}

impl<T> Inner<T> {
    /// The layout and the value, where a tag says the layout: the same as [`Versions::find`], without what others need.
    #[inline(always)]
    fn tagged<'a>(&self, stored: Stored<'a>) -> Option<(&Layout<T>, &'a [u8])> {
        let (tag, value) = match (stored, &self.frame) {
            (Stored::Framed(bytes), Frame::Fingerprint) => bytes.strip_prefix(&MAGIC)?.split_first_chunk()?,
            (Stored::Tagged { tag, value }, _) => (tag.try_into().ok()?, value),
            _ => return None,
        };
        Some((self.layouts.of_tag(Tag(*tag))?, value))
    }

    #[cold]
    fn today_error(&self, error: DecodeError) -> StoredValueError {
        value_error(self.layouts.today(), error.into())
    }
}

#[cold]
fn unknown(tag: Tag) -> StoredValueError {
    StoredValueError::UnknownRelease { layout: UnknownLayout::Tag(tag) }
}

#[cold]
fn value_error<T>(layout: &Layout<T>, error: ReadError) -> StoredValueError {
    StoredValueError::Value { releases: layout.releases.clone(), error: Box::new(error) }
}
