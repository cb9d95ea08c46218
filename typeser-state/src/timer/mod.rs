//! Timers: calls at a future time that a program registers for a key and a namespace.

mod service;

pub use service::{Timer, Timers};

pub use crate::row::TimeDomain;
