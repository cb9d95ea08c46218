//! Savepoints: state in a directory, in a stable format. A savepoint exists completely or not at all.
//!
//! ```text
//! before-release-2/
//!   manifest.typeser           which operators, states and snapshots there are, and in which files
//!   00000-00000-00127.rows     operator 0, key groups 0 to 127
//!   00001-00000-00127.rows     operator 1
//!   instances-00000-00002.rows operator state of instance 2
//! ```
//!
//! A savepoint is written once and never changed. It contains no paths, so the directory can be moved. Reading one
//! yields stored bytes; comparing them with the program's types is the task of a [restore](crate::restore).

mod broadcast;
mod contents;
mod copy;
mod envelope;
mod error;
mod format;
mod operator;
mod read;
mod retain;
mod row_check;
mod rows_file;
pub(crate) mod v1;
pub(crate) mod v2;
mod write;

pub use error::{BroadcastDifference, ReadSavepointError, WriteSavepointError};
pub use format::{CURRENT_VERSION, MANIFEST_MAGIC, MANIFEST_NAME, READ_VERSIONS, ROWS_MAGIC};
pub use operator::{RowsFile, SavepointOperator, SavepointOperatorState, StateSize};
pub use read::{Row, Rows, Savepoint};
pub use write::SavepointWriter;

pub(crate) use copy::{CopyError, copy_rows_file};
pub(crate) use write::FileWriter;
