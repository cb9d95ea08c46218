//! How rows are stored: the key of a row, and the rows and index lines of timers.

mod key;
mod timer;

pub use key::{RowKey, RowKeyError, RowTooLarge};
pub use timer::TimeDomain;

pub(crate) use key::{STATE_ID_AT, TIMER, put_length, put_sized, take_length};
pub(crate) use timer::{INDEX_HEAD, put_index_key, split_timer, time_bytes, time_of};
