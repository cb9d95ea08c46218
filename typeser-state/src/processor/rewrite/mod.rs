//! Rewriting a savepoint: what becomes of each row, the dry run, and the files.

mod collision;
pub(crate) mod dry_run;
pub(crate) mod extra;
pub(crate) mod forecast;
pub(crate) mod job;
pub(crate) mod run;
pub(crate) mod sort;
pub(crate) mod write;
