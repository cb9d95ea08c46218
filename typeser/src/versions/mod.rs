//! Stored bytes of any release, read as values of today's type.
//!
//! [`Resolution::reader`](crate::resolve::Resolution::reader) reads the bytes of one other release.

mod reader;

pub use reader::{NotReadable, ReadError, ValueReader};
