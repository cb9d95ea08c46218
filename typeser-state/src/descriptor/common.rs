//! What every descriptor of keyed state has: a name, and perhaps namespaces and a time to live.

use std::fmt;

use typeser::{Serializer, StateType};

use super::error::StateError;
use super::namespace::DeclaredNamespace;
use super::ttl::TimeToLive;

/// What every declared state has.
#[derive(Clone)]
pub(crate) struct Common {
    pub(crate) name: String,
    pub(crate) namespace: Option<DeclaredNamespace>,
    pub(crate) time_to_live: Option<TimeToLive>,
    /// From what its types follow, if nobody but an operator with internal state declared it.
    pub(crate) follows: Option<Follows>,
}

/// From what the types of internal state follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Follows {
    /// Such as `input type`.
    pub(crate) from: &'static str,
    /// Such as `window state`.
    pub(crate) state: &'static str,
}

impl Follows {
    /// Why the types of such state of an operator have changed.
    pub(crate) fn cause(self, operator: &str) -> String {
        format!("{} of `{operator}` changed, therefore its {}", self.from, self.state)
    }
}

impl Common {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), namespace: None, time_to_live: None, follows: None }
    }
}

/// The serializer of a state, if nobody gives another one.
pub(super) fn plain<T: StateType>(state: &str) -> Result<Serializer<T>, StateError> {
    Serializer::new().map_err(|source| StateError::Type { name: state.to_owned(), source })
}

impl fmt::Debug for Common {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Common")
            .field("name", &self.name)
            .field("namespace", &self.namespace.as_ref().map(|namespace| namespace.snapshot().name()))
            .field("time_to_live", &self.time_to_live)
            .finish()
    }
}

/// The methods that descriptors share.
macro_rules! with_common {
    ($descriptor:ty: $($type:ident),+) => {
        impl<$($type),+> $descriptor {
            /// The same state in namespaces of this type: a key then has one for each namespace, and
            /// [`set_current_namespace`](crate::keyed::KeyedStateBackend::set_current_namespace) says which is meant.
            ///
            /// # Errors
            /// The type has no snapshot.
            pub fn with_namespace<N: typeser::StateKey>(mut self) -> Result<Self, crate::descriptor::StateError> {
                self.common.namespace = Some(crate::descriptor::namespace::<N>(&self.common.name)?);
                Ok(self)
            }

            /// The same state with a time to live.
            #[must_use]
            pub fn with_time_to_live(mut self, time_to_live: crate::descriptor::TimeToLive) -> Self {
                self.common.time_to_live = Some(time_to_live);
                self
            }
        }
    };
}

/// What internal state is declared with.
macro_rules! with_follows {
    ($descriptor:ty: $($type:ident),+) => {
        impl<$($type),+> $descriptor {
            /// The same state, whose types follow from others.
            pub(crate) fn following(mut self, follows: crate::descriptor::Follows) -> Self {
                self.common.follows = Some(follows);
                self
            }
        }
    };
}

pub(super) use {with_common, with_follows};
