//! The handle of broadcast state.

use std::fmt;

use typeser::{StateKey, StateType};

use super::store::OperatorStateStore;
use crate::keyed::{Handle, MapState, StateError};

/// The handle of broadcast state: a map that is the same in all instances, such as rules that apply to every element.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::operator::OperatorStates;
///
/// let mut rules = OperatorStates::new("rules")?;
/// let limits = rules.broadcast::<String, u32>("limits")?;
/// let mut store = rules.open()?;
/// limits.put(&mut store, &"delay".to_owned(), &30)?;
/// assert_eq!(limits.get(&mut store, &"delay".to_owned())?, Some(30));
/// assert_eq!(limits.keys(&mut store)?, ["delay"]);
/// # Ok(())
/// # }
/// ```
pub struct BroadcastState<K, V>(MapState<K, V>);

impl<K: StateKey, V: StateType> BroadcastState<K, V> {
    pub(super) fn new(at: Handle) -> Self {
        Self(MapState::new(at))
    }

    /// The value of a key, if the map has it.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn get(self, store: &mut OperatorStateStore, key: &K) -> Result<Option<V>, StateError> {
        self.0.get(&mut store.state, key)
    }

    /// Sets the value of a key.
    ///
    /// # Errors
    /// See [`StateError`]. In that case the map is unchanged.
    pub fn put(self, store: &mut OperatorStateStore, key: &K, value: &V) -> Result<(), StateError> {
        self.0.put(&mut store.state, key, value)
    }

    /// Sets the values of several keys, atomically.
    ///
    /// # Errors
    /// See [`StateError`]. In that case the map is unchanged.
    pub fn put_all<'a>(
        self,
        store: &mut OperatorStateStore,
        entries: impl IntoIterator<Item = (&'a K, &'a V)>,
    ) -> Result<(), StateError> {
        self.0.put_all(&mut store.state, entries)
    }

    /// Deletes the entry of a key.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn remove(self, store: &mut OperatorStateStore, key: &K) -> Result<(), StateError> {
        self.0.remove(&mut store.state, key)
    }

    /// Whether the map has an entry of this key.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn contains(self, store: &mut OperatorStateStore, key: &K) -> Result<bool, StateError> {
        self.0.contains(&mut store.state, key)
    }

    /// The entries, in no particular order.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn entries(self, store: &mut OperatorStateStore) -> Result<Vec<(K, V)>, StateError> {
        self.0.entries(&mut store.state)
    }

    /// Calls `visit` with each entry, in no particular order. Only one entry is in memory at a time.
    ///
    /// # Errors
    /// See [`StateError`]. Entries before one that cannot be decoded have been visited.
    pub fn for_each(self, store: &mut OperatorStateStore, visit: impl FnMut(K, V)) -> Result<(), StateError> {
        self.0.for_each(&mut store.state, visit)
    }

    /// The keys of all entries, in no particular order.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn keys(self, store: &mut OperatorStateStore) -> Result<Vec<K>, StateError> {
        self.0.keys(&mut store.state)
    }

    /// The values of all entries, in no particular order.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn values(self, store: &mut OperatorStateStore) -> Result<Vec<V>, StateError> {
        self.0.values(&mut store.state)
    }

    /// Whether the map is empty.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn is_empty(self, store: &mut OperatorStateStore) -> Result<bool, StateError> {
        self.0.is_empty(&mut store.state)
    }

    /// Deletes all entries.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn clear(self, store: &mut OperatorStateStore) -> Result<(), StateError> {
        self.0.clear(&mut store.state)
    }
}

impl<K, V> Clone for BroadcastState<K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for BroadcastState<K, V> {}

impl<K, V> fmt::Debug for BroadcastState<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BroadcastState").field(&self.0).finish()
    }
}
