//! The keys of a few key groups that are in memory.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use typeser::StateKey;

use crate::backend::{MemoryBackend, ReadRows as _, RowRange};
use crate::keyed::{KeyedStateBackend, RowKey, StateError};

/// Every key that has a row, timers among them, once: in the order of key groups, and within one of stored keys.
pub(crate) fn keys_of<K: StateKey>(state: &KeyedStateBackend<K, MemoryBackend>) -> Result<Vec<K>, StateError> {
    // Each behind its key group, so that they sort.
    let mut keys: BTreeSet<Vec<u8>> = BTreeSet::new();
    let mut key = Vec::new();
    let (backend, rows) = state.stored_rows();
    let states = state.meta().states();
    let without = states.iter().filter(|state| !state.kind().has_keys()).map(|state| state.id());
    let without: Vec<u16> = without.collect();
    let mut damaged = None;
    backend.scan(rows, RowRange::ALL, &mut |bytes, _| match RowKey::parse(bytes) {
        Ok(row) if without.contains(&row.state_id) => ControlFlow::Continue(()),
        Ok(row) => {
            let before = key.len();
            let same = before == row.key.len() + 2 && key[..2] == row.key_group.to_be_bytes() && key[2..] == *row.key;
            if !same {
                key.clear();
                key.extend_from_slice(&row.key_group.to_be_bytes());
                key.extend_from_slice(row.key);
                if !keys.contains(&key) {
                    keys.insert(key.clone());
                }
            }
            ControlFlow::Continue(())
        }
        Err(source) => {
            damaged = Some(StateError::Row { operator: state.meta().uid().to_owned(), source });
            ControlFlow::Break(())
        }
    })?;
    match damaged {
        Some(error) => Err(error),
        None => keys.iter().map(|bytes| state.decode_key(bytes.get(2..).unwrap_or_default())).collect(),
    }
}
