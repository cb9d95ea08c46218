//! The ranges of stored keys in which rows lie.

use std::ops::{Bound, RangeBounds};

use typeser::serializer::KeyPrefix;
use typeser::{OrderedKey, StateKey, StateType};

use super::codec::Codec;
use super::error::TableError;

pub(super) type Bounds = (Bound<Vec<u8>>, Bound<Vec<u8>>);

#[cfg(feature = "redb")]
pub(super) const ALL: Bounds = (Bound::Unbounded, Bound::Unbounded);

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

/// The bounds of the keys that begin with `prefix`.
pub(super) fn prefix_bounds<K: OrderedKey, V: StateType, P: KeyPrefix<K> + ?Sized>(
    codec: &Codec<K, V>,
    prefix: &P,
) -> Result<Bounds, TableError> {
    let from = codec.encode_prefix(prefix)?;
    // The least bytes behind all that begin with these: the last byte that can be raised is, and what follows is cut off.
    let mut until = from.clone();
    while let Some(last) = until.pop() {
        if let Some(next) = last.checked_add(1) {
            until.push(next);
            break;
        }
    }
    let until = if until.is_empty() { Bound::Unbounded } else { Bound::Excluded(until) };
    Ok((Bound::Included(from), until))
}

#[cfg(feature = "redb")]
pub(super) fn as_slices((from, until): &Bounds) -> (Bound<&[u8]>, Bound<&[u8]>) {
    (from.as_ref().map(|key| &**key), until.as_ref().map(|key| &**key))
}

/// Where a range of bytes begins, and before what it ends, if it ends.
pub(super) type StoredRange = (Vec<u8>, Option<Vec<u8>>);

/// The range of bytes of a range of keys; `None` if no key can lie in it.
pub(super) fn row_range<K: StateKey, V: StateType>(
    codec: &Codec<K, V>,
    range: impl RangeBounds<K>,
) -> Result<Option<StoredRange>, TableError> {
    Ok(stored_bounds(codec, range)?.map(stored_range))
}

/// The range of bytes of these bounds.
pub(super) fn stored_range((from, until): Bounds) -> StoredRange {
    // The least key behind another one is that key and a zero.
    let behind = |mut key: Vec<u8>| {
        key.push(0);
        key
    };
    let from = match from {
        Bound::Included(from) => from,
        Bound::Excluded(from) => behind(from),
        Bound::Unbounded => Vec::new(),
    };
    let until = match until {
        Bound::Included(until) => Some(behind(until)),
        Bound::Excluded(until) => Some(until),
        Bound::Unbounded => None,
    };
    (from, until)
}
