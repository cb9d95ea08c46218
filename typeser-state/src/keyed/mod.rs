//! Keyed state: typed handles to values, lists and maps that belong to the current key.

mod error;
mod list;
mod map;
mod operator;
pub(crate) mod row;
mod state_backend;
mod value;

pub use error::StateError;
pub use list::ListState;
pub use map::MapState;
pub use operator::Operator;
pub use row::{RowKey, RowKeyError, RowTooLarge};
pub use state_backend::KeyedStateBackend;
pub use value::ValueState;

pub(crate) use operator::Handle;
pub(crate) use state_backend::{Parts, Slot};
