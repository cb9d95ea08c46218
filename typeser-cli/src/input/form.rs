//! The forms of a snapshot: binary, JSON and text, and a file that contains one with its value.

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
