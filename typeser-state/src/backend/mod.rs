//! Backends: where state lives while a program runs. A small trait over ordered bytes; none of them knows a type.
//!
//! A backend is a working copy. What a program keeps is a [savepoint](crate::savepoint), in a format of our own; no
//! backend's file ever is the archive.

mod batch;
mod buffer;
mod error;
#[cfg(feature = "fjall")]
mod fjall_backend;
#[cfg(feature = "fjall")]
mod fjall_keyspaces;
mod memory;
mod redb_backend;
mod redb_rows;
mod table;
mod traits;

pub use batch::{Batch, Change};
pub use error::BackendError;
#[cfg(feature = "fjall")]
pub use fjall_backend::{FjallBackend, FjallSnapshot};
pub use memory::MemoryBackend;
pub use redb_backend::{RedbBackend, RedbSnapshot};
pub use table::{RowRange, Table, VisitRow};
pub use traits::{Backend, ReadRows};
