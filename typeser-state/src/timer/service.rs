//! The handle of a timer service, which registers, deletes and fires timers.

use std::fmt;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::Arc;

use typeser::StateKey;

use crate::backend::{Backend, RowRange};
use crate::descriptor::{Common, StateError, TimersDescriptor, namespace};
use crate::keyed::{Handle, KeyedStateBackend, Operator};
use crate::row::{INDEX_HEAD, RowKey, TIMER, TimeDomain, put_index_key, time_bytes, time_of};

/// The timers of an operator: at most one for each key, namespace, time domain and time.
///
/// `N` is the type of their namespaces; `()` if timers have none. Times are milliseconds since 1970, and may be
/// negative.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::backend::MemoryBackend;
/// use typeser_state::keyed::{Operator, StateError};
/// use typeser_state::timer::TimeDomain::EventTime;
///
/// let mut operator = Operator::<String>::new("sessions")?;
/// let ends = operator.timers::<()>("session-ends")?;
/// let mut state = operator.open(MemoryBackend::new())?;
/// state.set_current_key(&"anna".to_owned())?;
/// ends.register(&mut state, EventTime, 2_000)?;
/// state.set_current_key(&"bert".to_owned())?;
/// ends.register(&mut state, EventTime, 1_000)?;
/// ends.register(&mut state, EventTime, 9_000)?;
///
/// let mut fired = Vec::new();
/// ends.advance_to(&mut state, EventTime, 5_000, |_state, timer| {
///     fired.push((timer.time, timer.key));
///     Ok::<(), StateError>(())
/// })?;
/// assert_eq!(fired, [(1_000, "bert".to_owned()), (2_000, "anna".to_owned())]);
/// assert_eq!(ends.next(&mut state, EventTime)?, Some(9_000));
/// # Ok(())
/// # }
/// ```
pub struct Timers<N> {
    at: Handle,
    namespace: PhantomData<fn() -> N>,
}

/// A timer that fires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer<K, N> {
    /// The key that it was registered for. It is the current key.
    pub key: K,
    /// The namespace that it was registered for. It is the current namespace of its type.
    pub namespace: N,
    /// The time domain.
    pub domain: TimeDomain,
    /// The time that it was registered for, in milliseconds since 1970.
    pub time: i64,
}

impl<K: StateKey> Operator<K> {
    /// Declares a timer service whose timers have namespaces of this type; `()` for none.
    ///
    /// # Errors
    /// The operator has a state of this name, or the type has no snapshot.
    pub fn timers<N: StateKey>(&mut self, name: &str) -> Result<Timers<N>, StateError> {
        let mut common = Common::new(name);
        common.namespace = Some(namespace::<N>(name)?);
        Ok(Timers { at: self.declare(Arc::new(TimersDescriptor { common }))?, namespace: PhantomData })
    }
}

impl<N: StateKey> Timers<N> {
    /// Registers a timer for the current key and namespace at a time in milliseconds since 1970. Registering the same
    /// timer again changes nothing. A timer in the past fires with the next [`Timers::advance_to`].
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn register<K: StateKey, B: Backend>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        domain: TimeDomain,
        time: i64,
    ) -> Result<(), StateError> {
        self.change(state, domain, time, true)
    }

    /// Deletes a timer of the current key and namespace, if it is registered.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn delete<K: StateKey, B: Backend>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        domain: TimeDomain,
        time: i64,
    ) -> Result<(), StateError> {
        self.change(state, domain, time, false)
    }

    fn change<K: StateKey, B: Backend>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        domain: TimeDomain,
        time: i64,
        registered: bool,
    ) -> Result<(), StateError> {
        let mut access = state.access::<()>(self.at)?;
        access.row.push(domain.number());
        access.row.extend_from_slice(&time_bytes(time));
        let line = &mut access.scratch.value;
        line.clear();
        put_index_key(access.row, TIMER, line);
        let batch = &mut access.scratch.batch;
        batch.clear();
        for (table, key) in [(access.rows, &*access.row), (access.timers, &*line)] {
            if registered {
                batch.put(table, key, &[]);
            } else {
                batch.delete(table, key);
            }
        }
        access.apply()
    }

    /// The times of the registered timers of the current key and namespace, in order.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn registered<K: StateKey, B: Backend>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        domain: TimeDomain,
    ) -> Result<Vec<i64>, StateError> {
        let mut times = Vec::new();
        state.access::<()>(self.at)?.scan(|rest, _| {
            if let Some((_, bytes)) = rest.split_first().filter(|(found, _)| **found == domain.number()) {
                times.extend(bytes.try_into().ok().map(time_of));
            }
            Ok(())
        })?;
        Ok(times)
    }

    /// The time of the next timer of all keys and namespaces of this instance; `None` if there is none.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn next<K: StateKey, B: Backend>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        domain: TimeDomain,
    ) -> Result<Option<i64>, StateError> {
        Ok(self.first(state, domain)?.map(|(time, _)| time))
    }

    /// Fires every timer of this domain whose time is at most `time`, ordered by time and then by the bytes of their
    /// keys. `fire` is called with the timer's key and namespace as the current ones. It may register and delete
    /// timers; a new timer that is already due fires too.
    ///
    /// A timer is deleted before `fire` is called for it. If `fire` fails, the timer is registered again, and the
    /// others stay registered.
    ///
    /// After a restore, timers in the past fire with the first call. Afterwards, the current key and namespaces are those
    /// from before the call.
    ///
    /// # Errors
    /// `fire` fails, or the state cannot be accessed; see [`StateError`].
    pub fn advance_to<K: StateKey, B: Backend, E: From<StateError>>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        domain: TimeDomain,
        time: i64,
        fire: impl FnMut(&mut KeyedStateBackend<K, B>, Timer<K, N>) -> Result<(), E>,
    ) -> Result<(), E> {
        let before = state.selection();
        let fired = self.fire_due(state, domain, time, fire);
        state.select(before);
        fired
    }

    fn fire_due<K: StateKey, B: Backend, E: From<StateError>>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        domain: TimeDomain,
        time: i64,
        mut fire: impl FnMut(&mut KeyedStateBackend<K, B>, Timer<K, N>) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some((due, row)) = self.first(state, domain)?.filter(|(due, _)| *due <= time) {
            let (key, namespace) = self.owner(state, &row)?;
            // Namespaces of other types are those of an earlier timer.
            state.clear_current_key();
            state.set_current_key(&key)?;
            state.set_current_namespace(&namespace)?;
            self.change(state, domain, due, false)?;
            let timer = Timer { key, namespace, domain, time: due };
            if let Err(error) = fire(state, timer) {
                let (key, namespace) = self.owner(state, &row)?;
                state.set_current_key(&key)?;
                state.set_current_namespace(&namespace)?;
                self.change(state, domain, due, true)?;
                return Err(error);
            }
        }
        Ok(())
    }

    /// The first entry of the index: the time, and the row's key up to and including its namespace.
    fn first<K: StateKey, B: Backend>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        domain: TimeDomain,
    ) -> Result<Option<(i64, Vec<u8>)>, StateError> {
        let (backend, timers, state_id) = state.timer_index(self.at)?;
        let mut prefix = state_id.to_be_bytes().to_vec();
        prefix.push(domain.number());
        let mut first = None;
        backend.scan(timers, RowRange::of_prefix(&prefix, &mut Vec::new()), &mut |line, _| {
            let time = line.get(prefix.len()..INDEX_HEAD).and_then(|bytes| bytes.try_into().ok()).map(time_of);
            first = time.zip(line.get(INDEX_HEAD..).map(<[u8]>::to_vec));
            ControlFlow::Break(())
        })?;
        Ok(first)
    }

    /// The key and the namespace of an index entry.
    fn owner<K: StateKey, B: Backend>(self, state: &KeyedStateBackend<K, B>, row: &[u8]) -> Result<(K, N), StateError> {
        let operator = || state.meta().uid().to_owned();
        let row = RowKey::parse(row).map_err(|source| StateError::Row { operator: operator(), source })?;
        Ok((state.decode_key(row.key)?, state.decode_namespace(self.at, row.namespace)?))
    }
}

impl<N> Clone for Timers<N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N> Copy for Timers<N> {}

impl<N> fmt::Debug for Timers<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Timers").field(&self.at.slot).finish()
    }
}
