//! The indexed part of a row, and the entry of the row in an index.
//!
//! All indexes of a table have their entries in one table beside it. The key of an entry is the number of the index, the
//! indexed part in ordered form, and the stored key of the row. No part's bytes are the beginning of another's, so the
//! entries of an index lie in the order of the parts. The value says how long number and part are together.

use std::any::Any;
use std::sync::Arc;

use typeser::wire::EncodeError;
use typeser::{OrderedKey, SerializerSnapshot, StateKey, StateType};

use super::key_codec::KeyCodec;
use super::record::IndexRecord;

/// An index of an open table.
pub(super) struct OpenIndex<K, V> {
    pub(super) record: IndexRecord,
    part: Arc<dyn IndexedPart<K, V>>,
}

/// Writes the indexed part of a row.
trait IndexedPart<K, V>: Send + Sync {
    fn write(&self, key: &K, value: &V, to: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// The [`Part`].
    fn as_any(&self) -> &dyn Any;
}

/// The function of an index, and the serializer of its results.
pub(super) struct Part<K, V, I> {
    pub(super) function: fn(&K, &V) -> I,
    pub(super) codec: Arc<KeyCodec<I>>,
}

/// The key of the entry of a row in an index.
pub(super) struct Entry {
    pub(super) bytes: Vec<u8>,
    /// Where the number and the indexed part end, and the stored key of the row begins.
    pub(super) part: usize,
}

impl<K: StateKey, V: StateType> OpenIndex<K, V> {
    pub(super) fn new<I: OrderedKey>(name: &str, version: u32, unique: bool, part: Part<K, V, I>) -> Self {
        let snapshot = part.codec.snapshot().clone();
        let record = IndexRecord { name: name.to_owned(), version, unique, part: snapshot };
        Self { record, part: Arc::new(part) }
    }

    /// The entry of a row.
    pub(super) fn entry(&self, number: u8, stored_key: &[u8], key: &K, value: &V) -> Result<Entry, EncodeError> {
        let mut bytes = vec![number];
        self.part.write(key, value, &mut bytes)?;
        let part = bytes.len();
        bytes.extend_from_slice(stored_key);
        Ok(Entry { bytes, part })
    }

    /// The serializer of the indexed parts, if they are these.
    pub(super) fn codec<I: OrderedKey>(&self) -> Option<Arc<KeyCodec<I>>> {
        self.part.as_any().downcast_ref::<Part<K, V, I>>().map(|part| Arc::clone(&part.codec))
    }

    pub(super) fn snapshot(&self) -> &SerializerSnapshot {
        &self.record.part
    }
}

impl<K: StateKey, V: StateType, I: OrderedKey> IndexedPart<K, V> for Part<K, V, I> {
    fn write(&self, key: &K, value: &V, to: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.codec.serialize(&(self.function)(key, value), to)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Entry {
    /// An entry as it is stored; `None` if no index wrote it.
    pub(super) fn of(key: &[u8], value: &[u8]) -> Option<Self> {
        let part = u32::from_le_bytes(value.try_into().ok()?) as usize;
        (1..=key.len()).contains(&part).then(|| Self { bytes: key.to_vec(), part })
    }

    /// Number and indexed part.
    pub(super) fn part(&self) -> &[u8] {
        self.bytes.get(..self.part).unwrap_or_default()
    }

    /// The stored key of the row.
    pub(super) fn row(&self) -> &[u8] {
        self.bytes.get(self.part..).unwrap_or_default()
    }

    /// The value that is stored with it.
    pub(super) fn value(&self) -> [u8; 4] {
        // redb and fjall have no keys of 4 GiB.
        (self.part as u32).to_le_bytes()
    }
}

impl<K, V> Clone for OpenIndex<K, V> {
    fn clone(&self) -> Self {
        Self { record: self.record.clone(), part: Arc::clone(&self.part) }
    }
}
