//! Why a comparison could not be reported.

use std::io;
use std::path::PathBuf;

/// Why a comparison could not be reported.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    /// Standard output cannot be written.
    #[error("standard output cannot be written: {0}")]
    Stdout(#[source] io::Error),
    /// A file cannot be written.
    #[error("the report `{}` cannot be written: {reason}\nhelp: name a file in an existing folder that you may write to", .file.display())]
    File {
        file: PathBuf,
        #[source]
        reason: io::Error,
    },
    /// A format cannot represent the comparison.
    #[error("the {format} report cannot be written: {reason}\nhelp: use another `--format`")]
    Form { format: &'static str, reason: String },
}
