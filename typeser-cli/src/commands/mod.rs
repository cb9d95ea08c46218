//! One module for each subcommand.

pub(crate) mod accept;
pub(crate) mod cat;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod golden;
pub(crate) mod guide;
pub(crate) mod inspect;
mod listing;
pub(crate) mod man;
pub(crate) mod migrate;
mod migrate_file;
pub(crate) mod preview;
pub(crate) mod rekey;
pub(crate) mod rules;
mod savepoint;
pub(crate) mod state;
pub(crate) mod table;
