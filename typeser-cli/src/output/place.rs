//! A line in a file, and paths relative to the root of the repository.

use std::path::{Path, PathBuf};

/// A line in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The path, relative to the root of the repository where there is one, with `/` between the parts.
    pub(crate) file: String,
    /// From 1.
    pub(crate) line: u32,
    /// From 1, in characters.
    pub(crate) column: Option<u32>,
}

/// A path relative to the root of its repository; outside of a repository, relative to the current folder if it is
/// inside.
pub(crate) fn in_repository(path: &Path) -> String {
    let Ok(full) = path.canonicalize() else { return forward(path) };
    let above = full.ancestors().skip(1).find(|folder| folder.join(".git").exists()).map(Path::to_owned);
    let root: Option<PathBuf> = above.or_else(|| std::env::current_dir().ok()?.canonicalize().ok());
    match root.and_then(|root| full.strip_prefix(root).ok().map(forward)) {
        Some(path) if path.is_empty() => String::from("."),
        Some(path) => path,
        None => forward(path),
    }
}

fn forward(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}
