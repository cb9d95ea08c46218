//! The serializer of a table's keys: in the fixed encoding, or in the ordered form of it.

use std::cell::Cell;
use std::thread::LocalKey;

use typeser::migrate::Adopted;
use typeser::ordered::OrderedForm;
use typeser::serializer::{AsKey, KeyPrefix};
use typeser::wire::{DecodeError, EncodeError, Fixed, Output};
use typeser::{OrderedKey, Serializer, SerializerSnapshot, StateKey, TypeSerializer};

use super::error::{TableError, TablePart};

/// Reads and writes keys as they are stored.
pub(super) struct KeyCodec<K> {
    serializer: Adopted<K>,
    /// The form around what the serializer writes, and the snapshot that says so.
    ordered: Option<(OrderedForm, SerializerSnapshot)>,
}

thread_local! {
    /// Kept, so that keys do not allocate them: a stored key, and its bytes in the fixed encoding.
    static KEY: Buffer = Buffer::default();
    static FIXED: Buffer = Buffer::default();
    static VALUE: Buffer = Buffer::default();
}

type Buffer = Cell<Vec<u8>>;

/// The most bytes that a thread keeps for later keys.
const KEPT: usize = 1 << 20;

/// Lends memory of this thread for a key as it is stored.
pub(super) fn with_key<R>(work: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    lend(&KEY, work)
}

/// Lends memory of this thread for a value.
pub(super) fn with_value<R>(work: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    lend(&VALUE, work)
}

/// A key within a key, as a serializer of the program may have it, gets fresh memory.
fn lend<R>(buffer: &'static LocalKey<Buffer>, work: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    let mut bytes = buffer.take();
    bytes.clear();
    let result = work(&mut bytes);
    if bytes.capacity() <= KEPT {
        buffer.set(bytes);
    }
    result
}

/// Requires no `K: Clone`.
impl<K> Clone for KeyCodec<K> {
    fn clone(&self) -> Self {
        Self { serializer: self.serializer.clone(), ordered: self.ordered.clone() }
    }
}

impl<K: StateKey> KeyCodec<K> {
    /// Keys in the encoding of their serializer.
    pub(super) fn unordered(serializer: Adopted<K>) -> Self {
        Self { serializer, ordered: None }
    }

    /// Keys in the ordered form of what a serializer writes in today's layout.
    pub(super) fn in_order(table: &str, serializer: Serializer<K>) -> Result<Self, TableError> {
        let snapshot = in_order(table, &serializer)?;
        let form = form(table, &snapshot)?;
        Ok(Self { serializer: Adopted::plain(serializer), ordered: Some((form, snapshot)) })
    }

    /// What says how keys are stored.
    pub(super) fn snapshot(&self) -> &SerializerSnapshot {
        match &self.ordered {
            Some((_, snapshot)) => snapshot,
            None => self.serializer.snapshot(),
        }
    }

    /// The form around the fixed encoding, if there is one.
    pub(super) fn form(&self) -> Option<&OrderedForm> {
        self.ordered.as_ref().map(|(form, _)| form)
    }

    /// The serializer inside the form.
    pub(super) fn serializer(&self) -> &Adopted<K> {
        &self.serializer
    }

    pub(super) fn serialize<Q: AsKey<K> + ?Sized>(&self, key: &Q, to: &mut Vec<u8>) -> Result<(), EncodeError> {
        let Some((form, _)) = &self.ordered else { return self.serializer.serialize_key(key, to) };
        lend(&FIXED, |fixed| {
            self.serializer.serialize_key(key, fixed)?;
            form.encode(fixed, to).map_err(|error| unwritable(&error))
        })
    }

    pub(super) fn deserialize(&self, stored: &[u8]) -> Result<K, DecodeError> {
        let Some((form, _)) = &self.ordered else { return self.serializer.deserialize(stored) };
        lend(&FIXED, |fixed| {
            form.decode(stored, fixed)?;
            self.serializer.deserialize(fixed)
        })
    }

    /// Appends the bytes with which the stored bytes of all keys begin that begin with `prefix`.
    pub(super) fn serialize_prefix<P>(&self, prefix: &P, to: &mut Vec<u8>) -> Result<(), EncodeError>
    where
        K: OrderedKey,
        P: KeyPrefix<K> + ?Sized,
    {
        let mut fixed = Output::<Fixed>::new(Vec::new());
        prefix.encode_prefix(&mut fixed)?;
        if let Some((form, _)) = &self.ordered {
            form.encode_first(&fixed.into_bytes(), to).map_err(|error| unwritable(&error))?;
        }
        if P::OPEN {
            // What ends the string or list.
            to.pop();
        }
        Ok(())
    }
}

/// Only a `StateType` by hand whose description is wrong writes what its layout does not hold.
#[cold]
fn unwritable(error: &DecodeError) -> EncodeError {
    EncodeError::custom(format!("its bytes are not those of its layout: {error}"))
}

/// The snapshot of keys that are stored in order.
pub(super) fn in_order<K: StateKey>(table: &str, serializer: &Serializer<K>) -> Result<SerializerSnapshot, TableError> {
    let no_form = |error: typeser::snapshot::SnapshotError| error.to_string();
    serializer.snapshot().in_order().map_err(|error| not_ordered(table, no_form(error)))
}

/// The form in which keys of this snapshot are stored in order.
pub(super) fn form(table: &str, snapshot: &SerializerSnapshot) -> Result<OrderedForm, TableError> {
    OrderedForm::new(snapshot.schema()).map_err(|error| not_ordered(table, error.to_string()))
}

/// The error that keys cannot be stored in order.
pub(super) fn not_ordered(table: &str, reason: String) -> TableError {
    TableError::NotOrdered { table: table.to_owned(), part: TablePart::Key, reason }
}
