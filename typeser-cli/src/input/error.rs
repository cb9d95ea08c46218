//! Why a file, folder or snapshot could not be read, and what to do.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use typeser::file::ReadContentsError;
use typeser::schema::Limits;
use typeser::snapshot::{MAGIC, ParseSnapshotError, ReadSnapshotError};
use typeser_state::savepoint::{MANIFEST_MAGIC, ROWS_MAGIC};

use super::form::Form;

/// Why something could not be read. Each message names the source, what was found and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    #[error(
        "{name}: there is no such file or folder\nhelp: correct the path; `REV:path` reads from git, and `-` from standard input"
    )]
    NotFound { name: String },
    #[error("{name}: {reason}\nhelp: make the file readable, and try again")]
    Io { name: String, reason: io::Error },
    #[error("standard input cannot be read: {reason}\nhelp: pipe a snapshot into the command, or name a file")]
    Stdin { reason: io::Error },
    #[error("{name}: expected a snapshot, found a folder\nhelp: name a file in it; `typeser check` takes folders")]
    IsFolder { name: String },
    #[error("{name}: expected a folder, found a file\nhelp: name the folder; `typeser diff` takes two files")]
    IsFile { name: String },
    #[error("a folder cannot be read from standard input\nhelp: name the folder, or `REV:dir`")]
    FolderFromStdin,
    #[error(
        "{name}: the folder has too many files or bytes to be a folder of goldens\nhelp: name the folder of the goldens, by default `golden`"
    )]
    FolderTooLarge { name: String },
    #[error("{name}: the name is not valid Unicode, which no file of goldens has\nhelp: remove or rename the file")]
    NameNotUnicode { name: String },
    #[error("{name}: git has a symbolic link or a submodule here, not a file\nhelp: commit the file itself")]
    NotAFile { name: String },
    #[error(
        "{name}: this is a pipe, a device or a socket, not a file\nhelp: remove it from the folder, or name another folder"
    )]
    NotRegular { name: String },
    #[error("{name}: the file has more than {limit} bytes, the most that a snapshot can have\nhelp: check the path")]
    TooLarge { name: String, limit: usize },
    #[error("{name}: git could not be run: {reason}\nhelp: install git, or check the file out and name its path")]
    GitMissing { name: String, reason: io::Error },
    #[error(
        "{name}: there is no such file, and git reports: {said}\nhelp: correct the revision or the path; the path starts at the root of the repository, or at the current folder as in `REV:./path`"
    )]
    Git { name: String, said: String },
    #[error("{name}: the file is empty\nhelp: name a snapshot in binary, JSON or text form")]
    Empty { name: String },
    #[error("{name}: {}\nhelp: {}", .found.what(), .found.help())]
    Foreign { name: String, found: Foreign },
    #[error(
        "{name}: this is not a snapshot: it starts with `{}`\nhelp: a binary snapshot starts with `{}`, JSON with `{{`, text with the line `typeser-snapshot 1`",
        .begins.escape_ascii(), MAGIC.escape_ascii()
    )]
    Unknown { name: String, begins: Vec<u8> },
    #[error("{name}: {reason}")]
    File { name: String, reason: ReadContentsError },
    #[error("{name}: {reason}")]
    Binary { name: String, reason: ReadSnapshotError },
    #[error("{name}: {reason}{snippet}{help}")]
    Parse { name: String, reason: ParseSnapshotError, snippet: String, help: &'static str },
}

impl InputError {
    pub(super) fn of_io(path: &Path, reason: io::Error) -> Self {
        let name = path.display().to_string();
        match reason.kind() {
            io::ErrorKind::NotFound => Self::NotFound { name },
            _ => Self::Io { name, reason },
        }
    }

    /// Text or JSON that is not a snapshot, with the line that has the error.
    pub(super) fn parse(name: String, form: Form, text: &str, reason: ParseSnapshotError) -> Self {
        let snippet = reason.position().map(|(line, column)| snippet(text, line, column)).unwrap_or_default();
        let help = match (&reason, form) {
            (ParseSnapshotError::UnknownVersion { .. }, _) => "",
            (_, Form::Json) => {
                "\nhelp: `typeser guide writing-snapshots` describes the format; `typeser guide snapshot.schema` prints its JSON schema"
            }
            _ => "\nhelp: `typeser guide writing-snapshots` describes the format",
        };
        Self::Parse { name, reason, snippet, help }
    }
}

/// The line with a mark below the column, as rustc shows it. Long lines are cut around the mark.
fn snippet(text: &str, line: usize, column: usize) -> String {
    /// How many characters of the line are shown before and after the mark.
    const BEFORE: usize = 50;
    const BEHIND: usize = 40;
    let Some(content) = text.split('\n').nth(line.saturating_sub(1)) else { return String::new() };
    let characters: Vec<char> =
        content.trim_end_matches('\r').chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let at = column.saturating_sub(1).min(characters.len());
    let from = at.saturating_sub(BEFORE);
    let to = (at + BEHIND).min(characters.len());
    let shown: String = characters[from..to].iter().collect();
    let (left, right) = (if from > 0 { "..." } else { "" }, if to < characters.len() { "..." } else { "" });
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    let mut snippet = String::new();
    _ = write!(snippet, "\n{margin} |\n{number} | {left}{shown}{right}\n{margin} | ");
    snippet.push_str(&" ".repeat(left.len() + at - from));
    snippet.push('^');
    snippet
}

/// Files that typeser or git write and that are not snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Foreign {
    Savepoint,
    Rows,
    GoldenManifest,
    Samples,
    Report,
    Lfs,
    Utf16,
}

impl Foreign {
    /// What these bytes are, if they are a known file of another kind.
    pub(super) fn recognise(bytes: &[u8]) -> Option<Self> {
        // The first key of the JSON documents of typeser says what they are.
        let begin = String::from_utf8_lossy(&bytes[..bytes.len().min(256)]);
        let first_key = begin.trim_start().strip_prefix('{').map(str::trim_start).unwrap_or_default();
        Some(match bytes {
            _ if bytes.starts_with(&MANIFEST_MAGIC) => Self::Savepoint,
            _ if bytes.starts_with(&ROWS_MAGIC) => Self::Rows,
            _ if bytes.starts_with(b"typeser golden ") => Self::GoldenManifest,
            _ if bytes.starts_with(b"version https://git-lfs") => Self::Lfs,
            _ if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) => Self::Utf16,
            _ if first_key.starts_with("\"typeser-golden\"") => Self::Samples,
            _ if first_key.starts_with("\"typeser-report\"") => Self::Report,
            _ => return None,
        })
    }

    fn what(self) -> &'static str {
        match self {
            Self::Savepoint => "expected a snapshot, found the manifest of a savepoint",
            Self::Rows => "expected a snapshot, found rows of a savepoint",
            Self::GoldenManifest => "expected a snapshot, found the manifest of goldens",
            Self::Samples => "expected a snapshot, found the samples of a golden",
            Self::Report => "expected a snapshot, found a report",
            Self::Lfs => "this is a git-lfs pointer, not the file itself",
            Self::Utf16 => "expected UTF-8, found UTF-16",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::Savepoint | Self::Rows => "`typeser inspect DIR` shows the savepoint in that folder",
            Self::GoldenManifest => "name a `.snap` or `.json` file in the folder of a release",
            Self::Samples => "name the snapshot beside it, which ends in `.json` or `.snap` instead of `.samples.json`",
            Self::Report => "name one of the two files that the report compares",
            Self::Lfs => "run `git lfs pull`",
            Self::Utf16 => "save it as UTF-8 (in PowerShell: `Out-File -Encoding utf8`)",
        }
    }
}

/// The message of [`InputError::TooLarge`] relies on this.
const _: () = assert!(Limits::SNAPSHOT_TEXT_BYTES >= Limits::SNAPSHOT_BYTES);
