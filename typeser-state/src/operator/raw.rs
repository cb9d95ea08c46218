//! The handle of raw operator state: pieces of uninterpreted bytes.

use super::store::OperatorStateStore;
use crate::keyed::{Handle, StateError, next_sequence};

/// The handle of raw operator state: pieces of bytes that only the program interprets. When the number of instances
/// changes, the pieces are distributed like the elements of a [`SplitList`](super::SplitList); a piece is never
/// divided.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::operator::OperatorStates;
///
/// let mut sink = OperatorStates::new("sink")?;
/// let transactions = sink.raw("transactions")?;
/// let mut store = sink.open()?;
/// transactions.add(&mut store, b"tx-1")?;
/// assert_eq!(transactions.get(&mut store)?, [b"tx-1"]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct RawSplit {
    pub(super) at: Handle,
}

impl RawSplit {
    /// Appends a piece.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn add(self, store: &mut OperatorStateStore, piece: &[u8]) -> Result<(), StateError> {
        let mut access = store.state.access::<()>(self.at)?;
        let sequence = next_sequence(&mut access)?;
        access.row.extend_from_slice(&sequence.to_be_bytes());
        access.scratch.value.clear();
        access.scratch.value.extend_from_slice(piece);
        access.put()
    }

    /// The pieces of this instance, in order.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn get(self, store: &mut OperatorStateStore) -> Result<Vec<Vec<u8>>, StateError> {
        let mut pieces = Vec::new();
        store.state.access::<()>(self.at)?.scan(|_, piece| {
            pieces.push(piece.to_vec());
            Ok(())
        })?;
        Ok(pieces)
    }

    /// Deletes the pieces of this instance.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn clear(self, store: &mut OperatorStateStore) -> Result<(), StateError> {
        let mut access = store.state.access::<()>(self.at)?;
        access.delete_all()?;
        access.apply()
    }
}
