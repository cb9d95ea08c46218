//! The handle of raw keyed state: uninterpreted bytes per key group.

use super::access::Access;
use super::handle::Handle;
use super::state_backend::KeyedStateBackend;
use crate::backend::Backend;
use crate::descriptor::StateError;
use crate::key_group::KeyGroup;
use typeser::StateKey;

/// The handle of raw keyed state: bytes per key group that only the program interprets. They are written to savepoints
/// and restored with their key group, but they have no schema and are never migrated.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::backend::MemoryBackend;
/// use typeser_state::keyed::Operator;
///
/// let mut operator = Operator::<String>::new("external")?;
/// let offsets = operator.raw("offsets")?;
/// let mut state = operator.open(MemoryBackend::new())?;
/// offsets.put(&mut state, 7, b"1234")?;
/// assert_eq!(offsets.get(&mut state, 7)?.as_deref(), Some(&b"1234"[..]));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct RawKeyedState {
    pub(super) at: Handle,
}

impl RawKeyedState {
    /// The bytes of a key group, if it has any.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn get<K: StateKey, B: Backend>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        key_group: KeyGroup,
    ) -> Result<Option<Vec<u8>>, StateError> {
        let mut access = state.access_key_group(self.at, key_group)?;
        access.read(<[u8]>::to_vec)
    }

    /// Sets the bytes of a key group.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn put<K: StateKey, B: Backend>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        key_group: KeyGroup,
        bytes: &[u8],
    ) -> Result<(), StateError> {
        let access: Access<'_, (), B> = state.access_key_group(self.at, key_group)?;
        Ok(access.backend.put(access.rows, access.row, bytes)?)
    }

    /// Deletes the bytes of a key group.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn clear<K: StateKey, B: Backend>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        key_group: KeyGroup,
    ) -> Result<(), StateError> {
        let access: Access<'_, (), B> = state.access_key_group(self.at, key_group)?;
        Ok(access.backend.delete(access.rows, access.row)?)
    }
}
