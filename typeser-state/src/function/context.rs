//! What a function is handed when it is called.

use std::any::Any;
use std::error::Error;
use std::fmt;

use typeser::{StateKey, StateType};

use crate::backend::Backend;
use crate::keyed::KeyedStateBackend;
use crate::operator::{OperatorStateStore, SplitList};
use crate::timer::TimeDomain;

/// Whatever a function fails with.
pub type FunctionError = Box<dyn Error + Send + Sync>;

/// The backend below a function's keyed state. A function does not care which one it is.
pub type StateStorage = Box<dyn Backend + Send>;

/// The keyed state of a function.
pub type KeyedState<K> = KeyedStateBackend<K, StateStorage>;

/// An element, and when it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<T> {
    /// The element.
    pub value: T,
    /// Milliseconds since 1970, in event time; `None` if nobody said.
    pub timestamp: Option<i64>,
}

/// What time it is.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    pub(crate) watermark: i64,
    pub(crate) processing_time: i64,
}

/// A timer that fires.
pub struct FiredTimer<'a, K> {
    /// The name that its service was declared with.
    pub service: &'a str,
    /// The key that it was registered for, which is the current one.
    pub key: K,
    /// Which time it waited for.
    pub domain: TimeDomain,
    /// The time that it waited for, in milliseconds since 1970.
    pub time: i64,
    pub(super) namespace: &'a dyn Any,
}

impl<K> FiredTimer<'_, K> {
    /// The namespace that it was registered for, which is the current one; `None` if the namespaces of its service are of
    /// another type.
    #[must_use]
    pub fn namespace<N: 'static>(&self) -> Option<&N> {
        self.namespace.downcast_ref()
    }
}

impl<K: fmt::Debug> fmt::Debug for FiredTimer<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FiredTimer")
            .field("service", &self.service)
            .field("key", &self.key)
            .field("domain", &self.domain)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

/// What a function is handed before its first element.
pub struct InitializationContext<'a, K: StateKey> {
    /// The keyed state. No key is the current one.
    pub keyed_state: &'a mut KeyedState<K>,
    /// The state of the operator instance itself.
    pub operator_state: &'a mut OperatorStateStore,
    pub(crate) is_restored: bool,
    pub(crate) list: Option<&'a (dyn Any + Send + Sync)>,
}

impl<K: StateKey> InitializationContext<'_, K> {
    /// Whether the state comes from a savepoint that has state of this operator. If not, the operator is new, and its state
    /// is empty. What was restored can be empty as well: more instances than elements leave some without any.
    #[must_use]
    pub fn is_restored(&self) -> bool {
        self.is_restored
    }

    pub(super) fn list<T: StateType>(&self) -> Result<SplitList<T>, FunctionError> {
        implied(self.list)
    }
}

/// What a function is handed for a checkpoint.
pub struct SnapshotContext<'a, K: StateKey> {
    /// The keyed state. What the current key is, depends on what came before: set one.
    pub keyed_state: &'a mut KeyedState<K>,
    /// The state of the operator instance itself.
    pub operator_state: &'a mut OperatorStateStore,
    pub(crate) checkpoint_id: u64,
    pub(crate) timestamp: i64,
    pub(crate) list: Option<&'a (dyn Any + Send + Sync)>,
}

impl<K: StateKey> SnapshotContext<'_, K> {
    /// The number of the checkpoint; it grows from one to the next.
    #[must_use]
    pub fn checkpoint_id(&self) -> u64 {
        self.checkpoint_id
    }

    /// When the checkpoint was begun, in milliseconds since 1970.
    #[must_use]
    pub fn timestamp(&self) -> i64 {
        self.timestamp
    }

    pub(super) fn list<T: StateType>(&self) -> Result<SplitList<T>, FunctionError> {
        implied(self.list)
    }
}

fn implied<T: StateType>(list: Option<&(dyn Any + Send + Sync)>) -> Result<SplitList<T>, FunctionError> {
    let list = list.and_then(|list| list.downcast_ref().copied());
    list.ok_or_else(|| "the list of a `ListCheckpointed` was not declared, so it would be lost".into())
}
