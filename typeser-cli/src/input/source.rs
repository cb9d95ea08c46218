//! A source on the command line: a path, `-` for standard input, or `REV:path` from git.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::error::InputError;
use super::files::{Files, read_up_to};
use super::git;

/// How deep folders may be nested. Links can form a cycle.
const MOST_DEEP: usize = 16;

/// Where something is read from. Its `Display` is what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// A file or folder.
    Path(PathBuf),
    /// `-`.
    Stdin,
    /// `REV:path`: a file or folder as a revision of the git repository around the current folder has it.
    Git {
        revision: String,
        /// As git takes it: relative to the root of the repository, or to the current folder if it starts with `./`.
        path: String,
    },
}

impl Source {
    /// Parses what was typed. An existing path wins over a revision of the same spelling.
    pub(crate) fn of(typed: &OsStr) -> Self {
        if typed == "-" {
            return Self::Stdin;
        }
        let path = Path::new(typed);
        match typed.to_str().and_then(|typed| typed.split_once(':')) {
            // `C:\state.json` is a path on some systems, and no revision starts with a dash.
            Some((revision, inside))
                if revision.len() > 1 && !revision.starts_with(['-', '/', '.']) && !path.exists() =>
            {
                Self::Git { revision: revision.to_owned(), path: inside.to_owned() }
            }
            _ => Self::Path(path.to_owned()),
        }
    }

    /// All bytes of a file, if it has no more than `limit`.
    pub(crate) fn read(&self, limit: usize) -> Result<Vec<u8>, InputError> {
        let bytes = match self {
            Self::Path(path) => {
                let io = |reason: io::Error| InputError::of_io(path, reason);
                // Checked first, because opening a folder succeeds on some systems and fails on others.
                if fs::metadata(path).map_err(io)?.is_dir() {
                    return Err(InputError::IsFolder { name: self.to_string() });
                }
                read_up_to(limit, File::open(path).map_err(io)?).map_err(io)?
            }
            Self::Stdin => read_up_to(limit, io::stdin().lock()).map_err(|reason| InputError::Stdin { reason })?,
            Self::Git { revision, path } => git::file(revision, path, limit)?,
        };
        if bytes.len() > limit {
            return Err(InputError::TooLarge { name: self.to_string(), limit });
        }
        Ok(bytes)
    }

    /// A file of this folder, by its name in it.
    pub(crate) fn file(&self, name: &str) -> Self {
        match self {
            Self::Path(path) => Self::Path(path.join(name)),
            Self::Stdin => Self::Stdin,
            Self::Git { revision, path } => {
                let path = format!("{}/{name}", path.trim_end_matches('/'));
                Self::Git { revision: revision.clone(), path: path.trim_start_matches('/').to_owned() }
            }
        }
    }

    /// All files of a folder.
    pub(super) fn read_folder(&self) -> Result<BTreeMap<String, Vec<u8>>, InputError> {
        match self {
            Self::Path(path) => {
                if !fs::metadata(path).map_err(|reason| InputError::of_io(path, reason))?.is_dir() {
                    return Err(InputError::IsFile { name: self.to_string() });
                }
                let mut files = Files::new(self.to_string());
                walk(path, "", 0, &mut files)?;
                Ok(files.into_map())
            }
            Self::Stdin => Err(InputError::FolderFromStdin),
            Self::Git { revision, path } => {
                let mut files = Files::new(self.to_string());
                git::folder(revision, path, &mut files)?;
                Ok(files.into_map())
            }
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "{}", path.display()),
            Self::Stdin => f.write_str("standard input"),
            Self::Git { revision, path } => write!(f, "{revision}:{path}"),
        }
    }
}

fn walk(folder: &Path, prefix: &str, depth: usize, files: &mut Files) -> Result<(), InputError> {
    let io = |path: &Path, reason: io::Error| InputError::of_io(path, reason);
    if depth > MOST_DEEP {
        return Err(files.too_large());
    }
    for entry in fs::read_dir(folder).map_err(|reason| io(folder, reason))? {
        let path = entry.map_err(|reason| io(folder, reason))?.path();
        let Some(name) = path.file_name().and_then(OsStr::to_str) else {
            return Err(InputError::NameNotUnicode { name: path.display().to_string() });
        };
        let name = format!("{prefix}{name}");
        let kind = fs::metadata(&path).map_err(|reason| io(&path, reason))?.file_type();
        if kind.is_dir() {
            walk(&path, &format!("{name}/"), depth + 1, files)?;
        } else if !kind.is_file() {
            // Opening a pipe waits until a program writes to it.
            return Err(InputError::NotRegular { name: path.display().to_string() });
        } else {
            let file = File::open(&path).map_err(|reason| io(&path, reason))?;
            files.add(name, read_up_to(files.bytes_left(), file).map_err(|reason| io(&path, reason))?)?;
        }
    }
    Ok(())
}
