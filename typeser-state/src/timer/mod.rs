//! Timers: calls for which a program asks at a time to come, a key and namespace.

mod service;

pub use service::{Timer, Timers};

pub use crate::row::TimeDomain;
