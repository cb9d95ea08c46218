//! The handles of the lists of an operator.

use std::fmt;

use typeser::StateType;

use super::store::OperatorStateStore;
use crate::keyed::{Handle, ListState, StateError};

/// A list that is split evenly among the instances when their number changes: what all instances have, one after the
/// other, in as many pieces as there are instances, of which the first ones have one element more if it does not come out
/// even.
pub struct SplitList<T>(ListState<T>);

/// A list of which every instance gets the whole after a restore: what all instances had, one after the other. An
/// instance that goes on to store all of it multiplies it; so keep what is yours, and drop the rest.
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
            /// See [`StateError`]. Then the list is as it was before.
            pub fn add(self, store: &mut OperatorStateStore, element: &T) -> Result<(), StateError> {
                self.0.add(&mut store.state, element)
            }

            /// Appends elements, all of them or none.
            ///
            /// # Errors
            /// See [`StateError`]. Then the list is as it was before.
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
            /// See [`StateError`]. Then the list is as it was before.
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
