//! The arguments with which a function is called.

use std::any::Any;
use std::error::Error;
use std::fmt;

use typeser::{StateKey, StateType};

use crate::backend::Backend;
use crate::keyed::KeyedStateBackend;
use crate::operator::{OperatorStateStore, SplitList};
use crate::timer::TimeDomain;

/// The error of a function: any error type.
pub type FunctionError = Box<dyn Error + Send + Sync>;

/// The backend of a function's keyed state, of any type.
pub type StateStorage = Box<dyn Backend + Send>;

/// The keyed state of a function.
pub type KeyedState<K> = KeyedStateBackend<K, StateStorage>;

/// An element and its timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<T> {
    /// The element.
    pub value: T,
    /// Event time in milliseconds since 1970, if the element has a timestamp.
    pub timestamp: Option<i64>,
}

/// The current event time and processing time.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    pub(crate) watermark: i64,
    pub(crate) processing_time: i64,
}

/// A timer that has fired.
pub struct FiredTimer<'a, K> {
    /// The name of its service.
    pub service: &'a str,
    /// The key that it was registered for. It is the current key.
    pub key: K,
    /// The time domain.
    pub domain: TimeDomain,
    /// The time that it was registered for, in milliseconds since 1970.
    pub time: i64,
    pub(super) namespace: &'a dyn Any,
}

impl<K> FiredTimer<'_, K> {
    /// The namespace that it was registered for, which is the current one; `None` if the service has another namespace
    /// type.
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

/// The argument of [`initialize_state`](super::CheckpointedFunction::initialize_state).
pub struct InitializationContext<'a, K: StateKey> {
    /// The keyed state. There is no current key.
    pub keyed_state: &'a mut KeyedState<K>,
    /// The operator state of the instance.
    pub operator_state: &'a mut OperatorStateStore,
    pub(crate) is_restored: bool,
    pub(crate) list: Option<&'a (dyn Any + Send + Sync)>,
}

impl<K: StateKey> InitializationContext<'_, K> {
    /// Whether the state was restored from a savepoint with state of this operator. If not, the operator is new and its
    /// state is empty. Restored state can be empty too, for example if there are more instances than list elements.
    #[must_use]
    pub fn is_restored(&self) -> bool {
        self.is_restored
    }

    pub(super) fn list<T: StateType>(&self) -> Result<SplitList<T>, FunctionError> {
        implied(self.list)
    }
}

/// The argument of [`snapshot_state`](super::CheckpointedFunction::snapshot_state).
pub struct SnapshotContext<'a, K: StateKey> {
    /// The keyed state. There is no current key, so set one before accessing state.
    pub keyed_state: &'a mut KeyedState<K>,
    /// The operator state of the instance.
    pub operator_state: &'a mut OperatorStateStore,
    pub(crate) checkpoint_id: u64,
    pub(crate) timestamp: i64,
    pub(crate) list: Option<&'a (dyn Any + Send + Sync)>,
}

impl<K: StateKey> SnapshotContext<'_, K> {
    /// The number of the checkpoint. Numbers increase from one checkpoint to the next.
    #[must_use]
    pub fn checkpoint_id(&self) -> u64 {
        self.checkpoint_id
    }

    /// The time at which the checkpoint began, in milliseconds since 1970.
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
