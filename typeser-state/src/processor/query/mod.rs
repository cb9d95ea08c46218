//! Reading a savepoint without its types.

pub(crate) mod entries;
pub(crate) mod entry;
pub(crate) mod filter;
pub(crate) mod key_entries;
