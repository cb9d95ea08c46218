//! Backends: the stores that hold state while a program runs. A backend is ordered bytes in tables and knows no types.
//!
//! A backend is a working copy. State is archived in a [savepoint](crate::savepoint), which has its own format and
//! is independent of the backend.

mod batch;
#[cfg(any(feature = "redb", feature = "fjall"))]
mod buffer;
mod error;
#[cfg(feature = "fjall")]
mod fjall_backend;
#[cfg(feature = "fjall")]
mod fjall_keyspaces;
mod memory;
#[cfg(feature = "redb")]
mod redb_backend;
#[cfg(feature = "redb")]
mod redb_rows;
#[cfg(feature = "redb")]
mod redb_unwritten;
mod table;
mod traits;

pub use batch::{Batch, Change};
pub use error::BackendError;
#[cfg(feature = "fjall")]
pub use fjall_backend::{FjallBackend, FjallSnapshot};
pub use memory::MemoryBackend;
#[cfg(feature = "redb")]
pub use redb_backend::{RedbBackend, RedbSnapshot};
pub use table::{RowRange, Table, VisitRow};
pub use traits::{Backend, ReadRows};
