//! The opened state of one operator instance: a backend, the current key and namespace, and the serializers of every
//! state.

use std::any::Any;
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use typeser::migrate::Adopted;
use typeser::{StateKey, StateType, TypeSerializer};

use super::access::{Access, Scratch};
use super::clock::Clock;
use super::handle::Handle;
use super::lifetime::Lifetime;
use super::partitioner::KeyPartitioner;
use crate::backend::{Backend, RowRange, Table};
use crate::descriptor::StateError;
use crate::descriptor::{LinkedNamespace, OperatorMeta, SerializerPart, StateKind, TimeToLive};
use crate::key_group::{KeyGroup, KeyGroupError, KeyGroupRange};
use crate::row::{RowKey, STATE_ID_AT};

/// The keyed state of one operator instance, in a backend.
///
/// Created by [`Operator::open`](super::Operator::open) and [`Operator::restore`](super::Operator::restore).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::backend::MemoryBackend;
/// use typeser_state::keyed::Operator;
///
/// let mut operator = Operator::<String>::new("flights-by-tail")?;
/// let departures = operator.value::<u32>("departures")?;
/// let mut state = operator.open(MemoryBackend::new())?;
/// for (tail, count) in [("N14228", 111), ("N24211", 130)] {
///     state.set_current_key(&tail.to_owned())?;
///     departures.update(&mut state, &count)?;
/// }
/// let mut keys = state.keys()?;
/// keys.sort();
/// assert_eq!(keys, ["N14228", "N24211"]);
/// # Ok(())
/// # }
/// ```
pub struct KeyedStateBackend<K: StateType, B> {
    token: u64,
    pub(super) meta: OperatorMeta,
    pub(super) key_groups: KeyGroupRange,
    pub(super) key: Adopted<K>,
    pub(super) slots: Vec<Slot>,
    pub(super) backend: B,
    pub(super) rows: Table,
    /// The index of timers, in the order in which they fire.
    pub(crate) timers: Table,
    pub(super) namespaces: Vec<Namespace>,
    clock: Arc<dyn Clock>,
    /// The operators that every savepoint with this state must include.
    retained_operators: Vec<RetainedOperator>,
    /// The key of a row: the prefix of the current key, then the rest of the last access. An access to another state
    /// rewrites only the state id and the namespace.
    pub(super) row: Vec<u8>,
    /// The length of the prefix without a namespace; 0 if there is no current key.
    pub(super) prefix: usize,
    /// The row prefix of the only key that may be accessed; empty if all may.
    pub(super) visited: Vec<u8>,
    /// The key of a row of raw keyed state, which belongs to a key group and has no key.
    key_group_row: Vec<u8>,
    pub(super) scratch: Scratch,
}

/// A state, ready to be accessed.
pub(crate) struct Slot {
    pub(crate) id: u16,
    pub(crate) name: String,
    pub(crate) serializers: Box<dyn Any + Send + Sync>,
    /// The index of its namespace type; `None` if the state has no namespaces.
    pub(crate) namespace: Option<usize>,
    pub(crate) time_to_live: Option<TimeToLive>,
}

/// A namespace type with its serializer, and the current namespace.
pub(crate) struct Namespace {
    pub(super) serializer: Box<dyn LinkedNamespace>,
    /// Its length and its bytes; empty if there is no current namespace.
    pub(super) current: Vec<u8>,
}

impl Namespace {
    pub(crate) fn new(serializer: Box<dyn LinkedNamespace>) -> Self {
        let mut namespace = Self { serializer, current: Vec::new() };
        namespace.clear();
        namespace
    }

    /// There is no current namespace. The type `()` has one namespace, so it need not be set.
    pub(super) fn clear(&mut self) {
        self.current.clear();
        if self.serializer.as_any().is::<Adopted<()>>() {
            self.current.push(0);
        }
    }

    pub(crate) fn serializer(&self) -> &dyn LinkedNamespace {
        &*self.serializer
    }
}

/// A retained operator: the program does not have it, and the next savepoint must include it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RetainedOperator {
    pub(crate) uid: String,
    /// The savepoint that holds it.
    pub(crate) savepoint: String,
}

/// The parts of a state backend.
pub(crate) struct Parts<K: StateType, B> {
    pub(crate) token: u64,
    pub(crate) meta: OperatorMeta,
    pub(crate) key_groups: KeyGroupRange,
    pub(crate) key: Adopted<K>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) namespaces: Vec<Namespace>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) retained_operators: Vec<RetainedOperator>,
    pub(crate) backend: B,
    pub(crate) rows: Table,
    pub(crate) timers: Table,
}

impl<K: StateType, B> KeyedStateBackend<K, B> {
    pub(crate) fn new(parts: Parts<K, B>) -> Self {
        let Parts { token, meta, key_groups, key, slots, namespaces, clock, retained_operators, .. } = parts;
        let (backend, rows, timers) = (parts.backend, parts.rows, parts.timers);
        Self {
            token,
            meta,
            key_groups,
            key,
            slots,
            backend,
            rows,
            timers,
            namespaces,
            clock,
            retained_operators,
            row: Vec::new(),
            prefix: 0,
            visited: Vec::new(),
            key_group_row: Vec::new(),
            scratch: Scratch::default(),
        }
    }

    /// The stored metadata of the operator and its states.
    #[must_use]
    pub fn meta(&self) -> &OperatorMeta {
        &self.meta
    }

    /// The key groups that this instance owns.
    #[must_use]
    pub fn key_groups(&self) -> KeyGroupRange {
        self.key_groups
    }

    /// A partitioner that assigns keys to `parallelism` instances.
    ///
    /// # Errors
    /// There are more instances than key groups, or none.
    pub fn partitioner(&self, parallelism: u32) -> Result<KeyPartitioner<K>, KeyGroupError> {
        KeyPartitioner::new(&self.meta, self.key.clone(), parallelism)
    }

    /// Returns the backend with its rows.
    #[must_use]
    pub fn into_backend(self) -> B {
        self.backend
    }

    pub(crate) fn retained_operators(&self) -> &[RetainedOperator] {
        &self.retained_operators
    }

    pub(crate) fn stored_rows(&self) -> (&B, Table) {
        (&self.backend, self.rows)
    }

    /// Accesses a state under the current key and, if it has namespaces, the current namespace.
    #[inline]
    pub(crate) fn access<S: 'static>(&mut self, handle: Handle) -> Result<Access<'_, S, B>, StateError> {
        let Some((slot, serializers)) = slot_of(&self.slots, self.token, handle) else {
            return Err(StateError::ForeignHandle { operator: self.meta.uid.clone() });
        };
        if self.prefix == 0 {
            return Err(StateError::NoCurrentKey { operator: self.meta.uid.clone() });
        }
        self.row.truncate(self.prefix);
        self.row[STATE_ID_AT].copy_from_slice(&slot.id.to_be_bytes());
        match slot.namespace.map(|index| self.namespaces.get(index).map(|namespace| namespace.current.as_slice())) {
            None => self.row.push(0),
            Some(None | Some([])) => {
                let (operator, state) = (self.meta.uid.clone(), slot.name.clone());
                return Err(StateError::NoCurrentNamespace { operator, state });
            }
            Some(Some(current)) => self.row.extend_from_slice(current),
        }
        let clock = &self.clock;
        Ok(Access {
            serializers,
            backend: &mut self.backend,
            rows: self.rows,
            prefix: self.row.len(),
            row: &mut self.row,
            scratch: &mut self.scratch,
            lifetime: slot.time_to_live.map(|time_to_live| Lifetime { time_to_live, now: clock.now() }),
            timers: self.timers,
            operator: &self.meta.uid,
            state: &slot.name,
        })
    }

    /// Accesses raw keyed state of a key group, independently of the current key.
    pub(crate) fn access_key_group(
        &mut self,
        handle: Handle,
        key_group: KeyGroup,
    ) -> Result<Access<'_, (), B>, StateError> {
        let Some((slot, serializers)) = slot_of(&self.slots, self.token, handle) else {
            return Err(StateError::ForeignHandle { operator: self.meta.uid.clone() });
        };
        if !self.visited.is_empty() && !self.visited.starts_with(&key_group.to_be_bytes()) {
            return Err(StateError::OtherKey { operator: self.meta.uid.clone() });
        }
        if !self.key_groups.contains(key_group) {
            let (operator, owned) = (self.meta.uid.clone(), self.key_groups);
            return Err(StateError::ForeignKeyGroup { operator, key_group, owned });
        }
        let row = &mut self.key_group_row;
        row.clear();
        row.extend_from_slice(&key_group.to_be_bytes());
        row.extend_from_slice(&slot.id.to_be_bytes());
        // An empty key and an empty namespace.
        row.extend_from_slice(&[0, 0]);
        Ok(Access {
            serializers,
            backend: &mut self.backend,
            rows: self.rows,
            prefix: row.len(),
            row,
            scratch: &mut self.scratch,
            lifetime: None,
            timers: self.timers,
            operator: &self.meta.uid,
            state: &slot.name,
        })
    }
}

impl<B> KeyedStateBackend<(), B> {
    /// Selects the empty key in the first key group, for all later accesses.
    pub(crate) fn stay_without_key(&mut self) {
        self.row.clear();
        self.row.extend_from_slice(&self.key_groups.first().to_be_bytes());
        self.row.extend_from_slice(&[0, 0, 0]);
        self.prefix = self.row.len();
    }
}

impl<K: StateType, B> KeyedStateBackend<K, B> {
    /// Checks that the state of all keys is here, as it is not while a single key is visited.
    fn check_all_keys(&self) -> Result<(), StateError> {
        match self.visited.is_empty() {
            true => Ok(()),
            false => Err(StateError::OtherKey { operator: self.meta.uid.clone() }),
        }
    }

    /// The index of the timers of a service, those of all keys.
    pub(crate) fn timer_index(&self, handle: Handle) -> Result<(&B, Table, u16), StateError> {
        self.check_all_keys()?;
        match slot_of::<()>(&self.slots, self.token, handle) {
            Some((slot, ())) => Ok((&self.backend, self.timers, slot.id)),
            None => Err(StateError::ForeignHandle { operator: self.meta.uid.clone() }),
        }
    }

    pub(crate) fn decode_key(&self, bytes: &[u8]) -> Result<K, StateError> {
        let key = self.key.deserialize(bytes);
        key.map_err(|source| StateError::DecodeKey { operator: self.meta.uid.clone(), source })
    }

    /// A namespace of a state, which was declared with this type.
    pub(crate) fn decode_namespace<N: StateKey>(&self, handle: Handle, bytes: &[u8]) -> Result<N, StateError> {
        let operator = || self.meta.uid.clone();
        let slot = slot_of::<()>(&self.slots, self.token, handle);
        let found = slot.and_then(|(slot, ())| Some((slot, self.namespaces.get(slot.namespace?)?)));
        let found =
            found.and_then(|(slot, found)| Some((slot, found.serializer.as_any().downcast_ref::<Adopted<N>>()?)));
        let Some((slot, serializer)) = found else {
            return Err(StateError::ForeignHandle { operator: operator() });
        };
        let (state, part) = (slot.name.clone(), SerializerPart::Namespace);
        let namespace = serializer.deserialize(bytes);
        namespace.map_err(|source| StateError::Decode { operator: operator(), state, part, source })
    }
}

/// The slot of a handle, if this operator created it.
#[inline]
fn slot_of<S: 'static>(slots: &[Slot], token: u64, handle: Handle) -> Option<(&Slot, &S)> {
    let slot = if handle.operator == token { slots.get(handle.slot as usize)? } else { return None };
    Some((slot, slot.serializers.downcast_ref()?))
}

impl<K: StateKey, B: Backend> KeyedStateBackend<K, B> {
    /// The keys that have state, without duplicates, in the order of their key groups. Timers and raw state do not
    /// count; expired rows count until they are cleaned up.
    ///
    /// # Errors
    /// The backend fails, or a stored key is malformed.
    pub fn keys(&self) -> Result<Vec<K>, StateError> {
        self.check_all_keys()?;
        let mut keys = Vec::new();
        let mut group = None;
        let mut seen = HashSet::new();
        let mut failure = None;
        let without = |kind| matches!(kind, StateKind::Timers | StateKind::RawKeyed);
        let mut state = (None, false);
        let skipped = |id| self.meta.states.iter().any(|state| state.id == id && without(state.kind));
        self.backend.scan(self.rows, RowRange::ALL, &mut |bytes, _| {
            let decoded = RowKey::parse(bytes)
                .map_err(|source| StateError::Row { operator: self.meta.uid.clone(), source })
                .and_then(|row| {
                    if state.0 != Some(row.state_id) {
                        state = (Some(row.state_id), skipped(row.state_id));
                    }
                    if state.1 {
                        return Ok(None);
                    }
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

impl<K: StateType, B> std::fmt::Debug for KeyedStateBackend<K, B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyedStateBackend")
            .field("operator", &self.meta.uid)
            .field("key_groups", &self.key_groups)
            .field("states", &self.slots.iter().map(|slot| slot.name.as_str()).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
