//! The state of one operator instance, opened: a backend, the current key, and the serializers of every state.

use std::any::Any;
use std::collections::HashSet;
use std::ops::ControlFlow;

use typeser::migrate::Adopted;
use typeser::wire::{DecodeError, EncodeError};
use typeser::{StateKey, StateType, TypeSerializer};

use super::row::{self, RowKey, STATE_ID_AT};
use super::{Handle, StateError};
use crate::backend::{Backend, Batch, RowRange, Table};
use crate::descriptor::{OperatorMeta, SerializerPart};
use crate::key_group::KeyGroupRange;

/// The keyed state of one operator instance, in a backend.
///
/// [`Operator::open`](super::Operator::open) and [`Operator::restore`](super::Operator::restore) give one out.
pub struct KeyedStateBackend<K: StateType, B> {
    token: u64,
    meta: OperatorMeta,
    key_groups: KeyGroupRange,
    key: Adopted<K>,
    slots: Vec<Slot>,
    backend: B,
    rows: Table,
    /// The key of a row: the prefix of the current key, then whatever the last access put behind it. Only the state id
    /// is written again when another state is accessed.
    row: Vec<u8>,
    /// How long the prefix is; 0 if there is no current key.
    prefix: usize,
    scratch: Scratch,
}

/// A state, ready to be accessed.
pub(crate) struct Slot {
    pub(crate) id: u16,
    pub(crate) name: String,
    pub(crate) serializers: Box<dyn Any + Send + Sync>,
}

/// What a state backend is made of.
pub(crate) struct Parts<K: StateType, B> {
    pub(crate) token: u64,
    pub(crate) meta: OperatorMeta,
    pub(crate) key_groups: KeyGroupRange,
    pub(crate) key: Adopted<K>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) backend: B,
    pub(crate) rows: Table,
}

/// Buffers that keep their room from one access to the next.
#[derive(Default)]
pub(super) struct Scratch {
    pub(super) value: Vec<u8>,
    pub(super) end: Vec<u8>,
    pub(super) batch: Batch,
}

/// One state of the current key, with all that is needed to read and write it.
pub(super) struct Access<'a, S, B> {
    pub(super) serializers: &'a S,
    pub(super) backend: &'a mut B,
    pub(super) rows: Table,
    /// The key of a row; cut back to `prefix` bytes, which every row of this state and key shares.
    pub(super) row: &'a mut Vec<u8>,
    pub(super) prefix: usize,
    pub(super) scratch: &'a mut Scratch,
    operator: &'a str,
    state: &'a str,
}

impl<K: StateType, B> KeyedStateBackend<K, B> {
    pub(crate) fn new(parts: Parts<K, B>) -> Self {
        let Parts { token, meta, key_groups, key, slots, backend, rows } = parts;
        let (row, scratch) = (Vec::new(), Scratch::default());
        Self { token, meta, key_groups, key, slots, backend, rows, row, prefix: 0, scratch }
    }

    /// What is stored of the operator and its states.
    #[must_use]
    pub fn meta(&self) -> &OperatorMeta {
        &self.meta
    }

    /// The key groups that this instance owns.
    #[must_use]
    pub fn key_groups(&self) -> KeyGroupRange {
        self.key_groups
    }

    /// The backend with its rows.
    #[must_use]
    pub fn into_backend(self) -> B {
        self.backend
    }

    pub(crate) fn stored_rows(&self) -> (&B, Table) {
        (&self.backend, self.rows)
    }

    #[inline]
    pub(super) fn access<S: 'static>(&mut self, handle: Handle) -> Result<Access<'_, S, B>, StateError> {
        let slot = if handle.operator == self.token { self.slots.get(handle.slot as usize) } else { None };
        let found = slot.and_then(|slot| Some((slot, slot.serializers.downcast_ref::<S>()?)));
        let Some((slot, serializers)) = found else {
            return Err(StateError::ForeignHandle { operator: self.meta.uid.clone() });
        };
        if self.prefix == 0 {
            return Err(StateError::NoCurrentKey { operator: self.meta.uid.clone() });
        }
        self.row.truncate(self.prefix);
        self.row[STATE_ID_AT].copy_from_slice(&slot.id.to_be_bytes());
        Ok(Access {
            serializers,
            backend: &mut self.backend,
            rows: self.rows,
            row: &mut self.row,
            prefix: self.prefix,
            scratch: &mut self.scratch,
            operator: &self.meta.uid,
            state: &slot.name,
        })
    }
}

impl<K: StateKey, B: Backend> KeyedStateBackend<K, B> {
    /// From now on, state is read and written for this key. The key is encoded and hashed once, here.
    ///
    /// # Errors
    /// The key cannot be written, or belongs to another instance. Then there is no current key.
    pub fn set_current_key(&mut self, key: &K) -> Result<(), StateError> {
        self.prefix = 0;
        let bytes = &mut self.scratch.value;
        bytes.clear();
        if let Err(source) = self.key.serialize(key, bytes) {
            return Err(StateError::EncodeKey { operator: self.meta.uid.clone(), source });
        }
        let key_group = self.meta.max_parallelism.group_of(bytes);
        if !self.key_groups.contains(key_group) {
            return Err(StateError::ForeignKey { operator: self.meta.uid.clone(), key_group, owned: self.key_groups });
        }
        self.row.clear();
        self.row.extend_from_slice(&key_group.to_be_bytes());
        self.row.extend_from_slice(&[0, 0]);
        if let Err(source) = row::put_sized(bytes, &mut self.row) {
            return Err(StateError::KeyTooLarge { operator: self.meta.uid.clone(), source });
        }
        // No namespace.
        self.row.push(0);
        self.prefix = self.row.len();
        Ok(())
    }

    /// Every key that has state, once, in the order of key groups.
    ///
    /// # Errors
    /// The backend fails, or holds what is no key.
    pub fn keys(&self) -> Result<Vec<K>, StateError> {
        let mut keys = Vec::new();
        let mut group = None;
        let mut seen = HashSet::new();
        let mut failure = None;
        self.backend.scan(self.rows, RowRange::ALL, &mut |bytes, _| {
            let decoded = RowKey::parse(bytes)
                .map_err(|source| StateError::Row { operator: self.meta.uid.clone(), source })
                .and_then(|row| {
                    if group.replace(row.key_group) != Some(row.key_group) {
                        seen.clear();
                    }
                    if !seen.insert(row.key.to_vec()) {
                        return Ok(None);
                    }
                    let key = self.key.deserialize(row.key);
                    key.map(Some).map_err(|source| StateError::DecodeKey { operator: self.meta.uid.clone(), source })
                });
            match decoded {
                Ok(key) => {
                    keys.extend(key);
                    ControlFlow::Continue(())
                }
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            }
        })?;
        failure.map_or(Ok(keys), Err)
    }

    /// Makes all changes durable, if the backend has a disk.
    ///
    /// # Errors
    /// The backend fails.
    pub fn flush(&mut self) -> Result<(), StateError> {
        Ok(self.backend.flush()?)
    }
}

impl<S, B: Backend> Access<'_, S, B> {
    /// Shows every row of this state and key, as what stands behind the prefix and the value, until `visit` fails.
    pub(super) fn scan(
        &mut self,
        mut visit: impl FnMut(&[u8], &[u8]) -> Result<(), StateError>,
    ) -> Result<(), StateError> {
        let mut failure = None;
        let prefix = self.prefix;
        let range = RowRange::of_prefix(&self.row[..prefix], &mut self.scratch.end);
        self.backend.scan(self.rows, range, &mut |key, value| match visit(&key[prefix..], value) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        })?;
        failure.map_or(Ok(()), Err)
    }

    /// Fills the batch with the deletion of every row of this state and key.
    pub(super) fn delete_all(&mut self) -> Result<(), StateError> {
        let Scratch { end, batch, .. } = &mut *self.scratch;
        batch.clear();
        let rows = self.rows;
        let range = RowRange::of_prefix(&self.row[..self.prefix], end);
        self.backend.scan(rows, range, &mut |key, _| {
            batch.delete(rows, key);
            ControlFlow::Continue(())
        })?;
        Ok(())
    }

    /// Applies the batch.
    pub(super) fn apply(&mut self) -> Result<(), StateError> {
        Ok(self.backend.apply(&self.scratch.batch)?)
    }
}

impl<S, B> Access<'_, S, B> {
    #[cold]
    pub(super) fn encode_error(&self, part: SerializerPart, source: EncodeError) -> StateError {
        let (operator, state) = (self.operator.to_owned(), self.state.to_owned());
        StateError::Encode { operator, state, part, source }
    }

    #[cold]
    pub(super) fn decode_error(&self, part: SerializerPart, source: DecodeError) -> StateError {
        let (operator, state) = (self.operator.to_owned(), self.state.to_owned());
        StateError::Decode { operator, state, part, source }
    }

    #[cold]
    pub(super) fn row_error(&self, expected: &'static str) -> StateError {
        let source = row::RowKeyError { offset: self.prefix, length: self.prefix, expected };
        StateError::Row { operator: self.operator.to_owned(), source }
    }

    #[cold]
    pub(super) fn list_full(&self) -> StateError {
        StateError::ListFull { operator: self.operator.to_owned(), state: self.state.to_owned() }
    }
}

impl<K: StateType, B> std::fmt::Debug for KeyedStateBackend<K, B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyedStateBackend")
            .field("operator", &self.meta.uid)
            .field("key_groups", &self.key_groups)
            .field("states", &self.slots.iter().map(|slot| slot.name.as_str()).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
