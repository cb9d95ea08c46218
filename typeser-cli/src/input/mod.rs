//! Reads snapshots in any form, folders and goldens from a path, from standard input or from git.

mod error;
mod files;
mod folder;
mod form;
mod git;
mod goldens;
mod snapshot;
mod source;

pub(crate) use error::InputError;
pub(crate) use folder::folder;
pub(crate) use goldens::goldens;
pub(crate) use snapshot::{Input, StoredValue, is_value_file, parse, snapshot};
pub(crate) use source::Source;
