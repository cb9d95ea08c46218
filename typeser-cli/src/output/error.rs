//! Why a comparison could not be reported.

use std::io;
use std::path::PathBuf;

/// Why a comparison was not told in full.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    /// Standard output does not take it.
    #[error("standard output cannot be written: {0}")]
    Stdout(#[source] io::Error),
    /// A file cannot be written.
    #[error("the report `{}` cannot be written: {reason}; the folder has to be there and writable", .file.display())]
    File {
        file: PathBuf,
        #[source]
        reason: io::Error,
    },
    /// A format cannot hold what is to be told.
    #[error("the {format} form cannot be written: {reason}; use another `--format`")]
    Form { format: &'static str, reason: String },
}
