//! The current key and the current namespaces: where state is read and written.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use typeser::migrate::Adopted;
use typeser::{StateKey, StateType, TypeSerializer};

use super::state_backend::{KeyedStateBackend, Namespace};
use crate::backend::{Backend, RowRange};
use crate::descriptor::StateError;
use crate::key_group::KeyGroup;
use crate::row::{RowKey, STATE_ID_AT, put_sized};

impl<K: StateKey, B: Backend> KeyedStateBackend<K, B> {
    /// Sets the current key, under which state is read and written. The key is encoded and hashed once, here.
    ///
    /// # Errors
    /// The key cannot be encoded, or another instance owns it. In that case there is no current key.
    pub fn set_current_key(&mut self, key: &K) -> Result<(), StateError> {
        self.prefix = 0;
        let bytes = &mut self.scratch.value;
        bytes.clear();
        if let Err(source) = self.key.serialize(key, bytes) {
            return Err(StateError::EncodeKey { operator: self.meta.uid.clone(), source });
        }
        let key_group = self.meta.max_parallelism.group_of(bytes);
        if !self.visited.is_empty() {
            return self.stay_at_visited(key_group);
        }
        if !self.key_groups.contains(key_group) {
            return Err(StateError::ForeignKey { operator: self.meta.uid.clone(), key_group, owned: self.key_groups });
        }
        self.row.clear();
        self.row.extend_from_slice(&key_group.to_be_bytes());
        self.row.extend_from_slice(&[0, 0]);
        if let Err(source) = put_sized(bytes, &mut self.row) {
            return Err(StateError::KeyTooLarge { operator: self.meta.uid.clone(), source });
        }
        self.prefix = self.row.len();
        Ok(())
    }

    /// Sets the current key, and refuses all others from now on: the function that is called for it gets an error for
    /// every other key, whether or not its state happens to be here.
    pub(crate) fn visit(&mut self, key: &K) -> Result<(), StateError> {
        self.visited.clear();
        self.clear_current_key();
        self.set_current_key(key)?;
        self.visited.extend_from_slice(&self.row[..self.prefix]);
        Ok(())
    }

    /// The key that was encoded is the current one, if it is the visited one.
    fn stay_at_visited(&mut self, key_group: KeyGroup) -> Result<(), StateError> {
        self.row.clear();
        self.row.extend_from_slice(&key_group.to_be_bytes());
        self.row.extend_from_slice(&[0, 0]);
        let same = put_sized(&self.scratch.value, &mut self.row).is_ok() && self.row == self.visited;
        if !same {
            return Err(StateError::OtherKey { operator: self.meta.uid.clone() });
        }
        self.prefix = self.row.len();
        Ok(())
    }

    /// Sets the current namespace for all states that are declared with namespaces of this type. It stays set when the
    /// current key changes, and has no effect on other states.
    ///
    /// # Errors
    /// The namespace cannot be encoded, or no state is declared with this type. In that case there is no current
    /// namespace of this type.
    pub fn set_current_namespace<N: StateKey>(&mut self, namespace: &N) -> Result<(), StateError> {
        let mut found = false;
        for slot in &mut self.namespaces {
            let bytes = &mut self.scratch.value;
            bytes.clear();
            let Some(encoded) = slot.serializer.encode(namespace, bytes) else { continue };
            found = true;
            slot.current.clear();
            if let Err(source) = encoded {
                return Err(StateError::EncodeNamespace { operator: self.meta.uid.clone(), source });
            }
            if let Err(source) = put_sized(bytes, &mut slot.current) {
                slot.current.clear();
                return Err(StateError::NamespaceTooLarge { operator: self.meta.uid.clone(), source });
            }
        }
        let declared =
            || StateError::NoSuchNamespace { operator: self.meta.uid.clone(), found: std::any::type_name::<N>() };
        if found { Ok(()) } else { Err(declared()) }
    }

    /// The namespaces of this type in which the current key has state or timers, without duplicates, in the order of
    /// their bytes.
    ///
    /// # Errors
    /// No state is declared with this type, there is no current key, or the backend fails.
    pub fn namespaces<N: StateKey>(&mut self) -> Result<Vec<N>, StateError> {
        if self.prefix == 0 {
            return Err(StateError::NoCurrentKey { operator: self.meta.uid.clone() });
        }
        let operator = || self.meta.uid.clone();
        let (mut namespaces, mut declared) = (Vec::new(), false);
        for (index, of_type) in self.namespaces.iter().enumerate() {
            let Some(serializer) = of_type.serializer.as_any().downcast_ref::<Adopted<N>>() else { continue };
            declared = true;
            let mut found: BTreeSet<Vec<u8>> = BTreeSet::new();
            for slot in self.slots.iter().filter(|slot| slot.namespace == Some(index)) {
                self.row.truncate(self.prefix);
                self.row[STATE_ID_AT].copy_from_slice(&slot.id.to_be_bytes());
                let range = RowRange::of_prefix(&self.row, &mut self.scratch.end);
                let mut damaged = None;
                self.backend.scan(self.rows, range, &mut |bytes, _| match RowKey::parse(bytes) {
                    Ok(row) => {
                        if !found.contains(row.namespace) {
                            found.insert(row.namespace.to_vec());
                        }
                        ControlFlow::Continue(())
                    }
                    Err(source) => {
                        damaged = Some(StateError::Row { operator: operator(), source });
                        ControlFlow::Break(())
                    }
                })?;
                damaged.map_or(Ok(()), Err)?;
            }
            for bytes in found {
                let namespace = serializer.deserialize(&bytes);
                let namespace =
                    namespace.map_err(|source| StateError::DecodeNamespace { operator: operator(), source })?;
                if !namespaces.contains(&namespace) {
                    namespaces.push(namespace);
                }
            }
        }
        let unknown = || StateError::NoSuchNamespace { operator: operator(), found: std::any::type_name::<N>() };
        if declared { Ok(namespaces) } else { Err(unknown()) }
    }
}

impl<K: StateType, B> KeyedStateBackend<K, B> {
    /// Until the next [`set_current_key`](Self::set_current_key) there is no current key, and no current namespace: keyed
    /// state is not accessible, instead of being that of an earlier call.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::keyed::Operator;
    ///
    /// let mut operator = Operator::<String>::new("flights-by-tail")?;
    /// let departures = operator.value::<u32>("departures")?;
    /// let mut state = operator.open(MemoryBackend::new())?;
    /// state.set_current_key(&"N14228".to_owned())?;
    /// departures.update(&mut state, &111)?;
    ///
    /// // What comes next belongs to no key.
    /// state.clear_current_key();
    /// departures.update(&mut state, &112).unwrap_err();
    /// # Ok(())
    /// # }
    /// ```
    pub fn clear_current_key(&mut self) {
        self.prefix = 0;
        self.namespaces.iter_mut().for_each(Namespace::clear);
    }

    /// The current key and namespaces, to be [selected](Self::select) again.
    pub(crate) fn selection(&self) -> Selection {
        let namespaces = self.namespaces.iter().map(|namespace| namespace.current.clone()).collect();
        Selection { row: self.row[..self.prefix].to_vec(), namespaces }
    }

    pub(crate) fn select(&mut self, selection: Selection) {
        let Selection { row, namespaces } = selection;
        (self.prefix, self.row) = (row.len(), row);
        self.namespaces.iter_mut().zip(namespaces).for_each(|(namespace, current)| namespace.current = current);
    }
}

/// The current key and the current namespaces.
pub(crate) struct Selection {
    row: Vec<u8>,
    namespaces: Vec<Vec<u8>>,
}
