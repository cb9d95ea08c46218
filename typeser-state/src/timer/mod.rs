//! Timers: calls for which a program asks at a time to come, a key and namespace.

mod row;
mod service;

pub use row::TimeDomain;
pub use service::{Timer, Timers};

pub(crate) use row::{put_index_key, split_timer};
