//! Keyed state: typed handles to what belongs to the current key, and namespace.

mod aggregate;
mod clock;
mod error;
pub mod internal;
mod list;
mod live;
mod map;
mod operator;
mod partitioner;
mod raw;
pub(crate) mod row;
mod state_backend;
mod value;

pub use aggregate::{AggregatingState, FoldingState, ReducingState};
pub use clock::{Clock, ManualClock, SystemClock};
pub use error::StateError;
pub use list::ListState;
pub use map::MapState;
pub use operator::Operator;
pub use partitioner::KeyPartitioner;
pub use raw::RawKeyedState;
pub use row::{RowKey, RowKeyError, RowTooLarge};
pub use state_backend::KeyedStateBackend;
pub use value::ValueState;

pub(crate) use list::next_sequence;
pub(crate) use operator::Handle;
pub(crate) use state_backend::{CarriedOperator, Namespace, Parts, Slot};
