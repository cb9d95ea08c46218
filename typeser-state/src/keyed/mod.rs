//! Keyed state: typed handles to the state of the current key and namespace.

mod access;
mod aggregate;
mod clock;
mod handle;
pub mod internal;
mod lifetime;
mod list;
mod live;
mod map;
mod operator;
mod partitioner;
mod raw;
mod selection;
mod state_backend;
mod value;

pub use aggregate::{AggregatingState, FoldingState, ReducingState};
pub use clock::{Clock, ManualClock, SystemClock};
pub use list::ListState;
pub use map::MapState;
pub use operator::Operator;
pub use partitioner::KeyPartitioner;
pub use raw::RawKeyedState;
pub use state_backend::KeyedStateBackend;
pub use value::ValueState;

pub use crate::descriptor::StateError;
pub use crate::row::{RowKey, RowKeyError, RowTooLarge};

pub(crate) use handle::Handle;
pub(crate) use list::next_sequence;
pub(crate) use state_backend::{Namespace, Parts, RetainedOperator, Slot};
