//! The handles of lists in operator state.

use std::fmt;

use typeser::StateType;

use super::store::OperatorStateStore;
use crate::keyed::{Handle, ListState, StateError};

/// The handle of a list that is split evenly when the number of instances changes: the lists of all instances are
/// concatenated and divided into one contiguous piece per instance. If the division is not even, the first pieces have
/// one additional element.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::operator::OperatorStates;
///
/// let mut source = OperatorStates::new("source")?;
/// let offsets = source.split_list::<(String, u64)>("offsets")?;
/// let mut store = source.open()?;
/// offsets.add(&mut store, &("partition-0".to_owned(), 7))?;
/// assert_eq!(offsets.get(&mut store)?, [("partition-0".to_owned(), 7)]);
/// # Ok(())
/// # }
/// ```
pub struct SplitList<T>(ListState<T>);

/// The handle of a list that every instance receives in full after a restore: the lists of all instances, concatenated.
/// If every instance kept all of it, the next savepoint would hold each element several times, so each instance should
/// keep its own elements and discard the others.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::operator::OperatorStates;
///
/// let mut source = OperatorStates::new("source")?;
/// let offsets = source.union_list::<(u32, u64)>("offsets")?;
/// let mut store = source.open()?;
/// offsets.update(&mut store, &[(0, 7), (1, 9)])?;
///
/// // After a restore, each instance keeps the elements of its own partitions.
/// let mine = offsets.get(&mut store)?.into_iter().filter(|(partition, _)| partition % 2 == 1).collect::<Vec<_>>();
/// offsets.update(&mut store, &mine)?;
/// assert_eq!(offsets.get(&mut store)?, [(1, 9)]);
/// # Ok(())
/// # }
/// ```
pub struct UnionList<T>(ListState<T>);

macro_rules! list {
    ($list:ident) => {
        impl<T: StateType> $list<T> {
            pub(super) fn new(at: Handle) -> Self {
                Self(ListState::new(at))
            }

            /// Appends an element.
            ///
            /// # Errors
            /// See [`StateError`]. In that case the list is unchanged.
            pub fn add(self, store: &mut OperatorStateStore, element: &T) -> Result<(), StateError> {
                self.0.add(&mut store.state, element)
            }

            /// Appends elements, atomically.
            ///
            /// # Errors
            /// See [`StateError`]. In that case the list is unchanged.
            pub fn add_all<'a>(
                self,
                store: &mut OperatorStateStore,
                elements: impl IntoIterator<Item = &'a T>,
            ) -> Result<(), StateError> {
                self.0.add_all(&mut store.state, elements)
            }

            /// The elements of this instance, in order.
            ///
            /// # Errors
            /// See [`StateError`].
            pub fn get(self, store: &mut OperatorStateStore) -> Result<Vec<T>, StateError> {
                self.0.get(&mut store.state)
            }

            /// Replaces the list of this instance.
            ///
            /// # Errors
            /// See [`StateError`]. In that case the list is unchanged.
            pub fn update<'a>(
                self,
                store: &mut OperatorStateStore,
                elements: impl IntoIterator<Item = &'a T>,
            ) -> Result<(), StateError> {
                self.0.update(&mut store.state, elements)
            }

            /// Deletes the list of this instance.
            ///
            /// # Errors
            /// See [`StateError`].
            pub fn clear(self, store: &mut OperatorStateStore) -> Result<(), StateError> {
                self.0.clear(&mut store.state)
            }
        }

        impl<T> Clone for $list<T> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<T> Copy for $list<T> {}

        impl<T> fmt::Debug for $list<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($list)).field(&self.0).finish()
            }
        }
    };
}

list!(SplitList);
list!(UnionList);
