//! Rows as they are read, and the ranges in which they lie.

use std::fmt;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

use typeser::{StateKey, StateType};

use super::codec::Codec;
use super::error::TableError;

/// Rows in the order of the bytes of their keys.
pub struct Rows<'a, K: StateKey, V: StateType> {
    pub(super) codec: Arc<Codec<K, V>>,
    /// `None` for a range in which no key can lie.
    pub(super) rows: Option<redb::Range<'a, &'static [u8], &'static [u8]>>,
}

impl<K: StateKey, V: StateType> Iterator for Rows<'_, K, V> {
    type Item = Result<(K, V), TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rows.as_mut()?.next()?;
        Some(decoded(&self.codec, row))
    }
}

impl<K: StateKey, V: StateType> DoubleEndedIterator for Rows<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let row = self.rows.as_mut()?.next_back()?;
        Some(decoded(&self.codec, row))
    }
}

type StoredRow<'a> = (redb::AccessGuard<'a, &'static [u8]>, redb::AccessGuard<'a, &'static [u8]>);

fn decoded<K: StateKey, V: StateType>(
    codec: &Codec<K, V>,
    row: Result<StoredRow<'_>, redb::StorageError>,
) -> Result<(K, V), TableError> {
    let (key, value) = row?;
    codec.decode(key.value(), value.value())
}

pub(super) type Bounds = (Bound<Vec<u8>>, Bound<Vec<u8>>);

/// The bytes of the bounds; `None` if no key can lie between them.
pub(super) fn stored_bounds<K: StateKey, V: StateType>(
    codec: &Codec<K, V>,
    range: impl RangeBounds<K>,
) -> Result<Option<Bounds>, TableError> {
    let stored = |bound: Bound<&K>| {
        Ok::<_, TableError>(match bound {
            Bound::Included(key) => Bound::Included(codec.encode_key(key)?),
            Bound::Excluded(key) => Bound::Excluded(codec.encode_key(key)?),
            Bound::Unbounded => Bound::Unbounded,
        })
    };
    let (from, until) = (stored(range.start_bound())?, stored(range.end_bound())?);
    let empty = match (&from, &until) {
        (Bound::Included(from), Bound::Included(until)) => from > until,
        (Bound::Included(from) | Bound::Excluded(from), Bound::Included(until) | Bound::Excluded(until)) => {
            from >= until
        }
        _ => false,
    };
    Ok((!empty).then_some((from, until)))
}

pub(super) fn as_slices((from, until): &Bounds) -> (Bound<&[u8]>, Bound<&[u8]>) {
    (from.as_ref().map(|key| &**key), until.as_ref().map(|key| &**key))
}

impl<K: StateKey, V: StateType> fmt::Debug for Rows<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("table", &self.codec.table).finish_non_exhaustive()
    }
}
