//! The forms of a snapshot: binary, JSON and text, and a file that contains one with its value.

use typeser::resolve::FileForm;

/// The form of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Binary,
    Json,
    Text,
    /// In front of the value of a file.
    File,
}

impl Form {
    /// The form as a person edits it, if that is possible.
    pub(crate) const fn edited(self) -> Option<FileForm> {
        match self {
            Self::Json => Some(FileForm::Json),
            Self::Text => Some(FileForm::Text),
            Self::Binary | Self::File => None,
        }
    }

    /// The word for it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Json => "JSON",
            Self::Text => "text",
            Self::File => "file",
        }
    }
}
