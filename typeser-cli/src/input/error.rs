//! Why something could not be read, and what to type instead.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use typeser::schema::Limits;
use typeser::snapshot::{MAGIC, ParseSnapshotError, ReadSnapshotError};
use typeser_state::savepoint::{MANIFEST_MAGIC, ROWS_MAGIC};

use super::form::Form;

/// Why something could not be read. Each names the source, says what was found, and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    #[error(
        "{name}: there is no such file or folder\nhelp: correct the path; `REV:path` reads from git, `-` from standard input"
    )]
    NotFound { name: String },
    #[error("{name}: {reason}\nhelp: see to it that the file can be read, and try again")]
    Io { name: String, reason: io::Error },
    #[error("standard input cannot be read: {reason}\nhelp: pipe a snapshot into the command, or name a file")]
    Stdin { reason: io::Error },
    #[error(
        "{name}: this is a folder, and one snapshot was expected\nhelp: name a file in it; `typeser check` takes folders"
    )]
    IsFolder { name: String },
    #[error("{name}: this is a file, and a folder was expected\nhelp: name the folder; `typeser diff` takes two files")]
    IsFile { name: String },
    #[error("a folder cannot be read from standard input\nhelp: name the folder, or `REV:dir`")]
    FolderFromStdin,
    #[error(
        "{name}: this folder holds more than goldens ever do\nhelp: name the folder of the goldens itself, `golden` by default"
    )]
    FolderTooLarge { name: String },
    #[error("{name}: the name is not Unicode, and no file of goldens has such a name\nhelp: remove or rename it")]
    NameNotUnicode { name: String },
    #[error(
        "{name}: in git this is neither a file nor a folder, but a link or another repository\nhelp: commit the file itself"
    )]
    NotAFile { name: String },
    #[error("{name}: more than {limit} bytes, and no snapshot has so many\nhelp: is this the file that you mean?")]
    TooLarge { name: String, limit: usize },
    #[error("{name}: git could not be run: {reason}\nhelp: install git, or write the file out and name its path")]
    GitMissing { name: String, reason: io::Error },
    #[error(
        "{name}: there is no such file, and git does not find it either: {said}\nhelp: correct the revision or the path: it begins at the top of the repository, or here as in `REV:./path`"
    )]
    Git { name: String, said: String },
    #[error("{name}: it is empty\nhelp: a snapshot was expected, in binary, JSON or text")]
    Empty { name: String },
    #[error("{name}: {}\nhelp: {}", .found.what(), .found.help())]
    Foreign { name: String, found: Foreign },
    #[error(
        "{name}: this is no snapshot: it begins with `{}`\nhelp: a binary snapshot begins with `{}`, JSON with `{{`, text with the line `typeser-snapshot 1`",
        .begins.escape_ascii(), MAGIC.escape_ascii()
    )]
    Unknown { name: String, begins: Vec<u8> },
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

    /// A text or JSON that is no snapshot, with the line on which the mistake is.
    pub(super) fn parse(name: String, form: Form, text: &str, reason: ParseSnapshotError) -> Self {
        let snippet = reason.position().map(|(line, column)| snippet(text, line, column)).unwrap_or_default();
        let help = match (&reason, form) {
            (ParseSnapshotError::UnknownVersion { .. }, _) => "",
            (_, Form::Json) => {
                "\nhelp: docs/writing-snapshots.md shows the form; docs/snapshot.schema.json lets an editor check it"
            }
            _ => "\nhelp: docs/writing-snapshots.md shows the form",
        };
        Self::Parse { name, reason, snippet, help }
    }
}

/// The line with a mark below the column, as the compiler shows it. Long lines are cut around the mark.
fn snippet(text: &str, line: usize, column: usize) -> String {
    /// How many characters of the line stand before and behind the mark.
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

/// Files that are ours or well known, and are no snapshots.
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
    /// What these bytes are, if they are none of a snapshot's forms.
    pub(super) fn recognise(bytes: &[u8]) -> Option<Self> {
        // The first key of our own JSON documents says what they are.
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
            Self::Savepoint => "this is the manifest of a savepoint, and a snapshot was expected",
            Self::Rows => "these are rows of a savepoint, and a snapshot was expected",
            Self::GoldenManifest => "this is the manifest of goldens, and a snapshot was expected",
            Self::Samples => "these are the samples of a golden, and a snapshot was expected",
            Self::Report => "this is a report, and a snapshot was expected",
            Self::Lfs => "git-lfs keeps the file elsewhere, this only points to it",
            Self::Utf16 => "the text is UTF-16, and UTF-8 was expected",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::Savepoint | Self::Rows => "`typeser inspect DIR` shows the savepoint in that folder",
            Self::GoldenManifest => "name a `.snap` or `.json` file in the folder of a release",
            Self::Samples => {
                "the snapshot is beside it: the same name with `.json` or `.snap` instead of `.samples.json`"
            }
            Self::Report => "name one of the two files that it compared",
            Self::Lfs => "run `git lfs pull`",
            Self::Utf16 => "save it as UTF-8 (in PowerShell: `Out-File -Encoding utf8`)",
        }
    }
}

/// Keeps the limits in step with what the message of [`InputError::TooLarge`] says.
const _: () = assert!(Limits::SNAPSHOT_TEXT_BYTES >= Limits::SNAPSHOT_BYTES);
