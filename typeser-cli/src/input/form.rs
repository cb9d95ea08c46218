//! The forms of a snapshot: binary, JSON and text.

/// The form of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Binary,
    Json,
    Text,
}

impl Form {
    /// The word for it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Json => "JSON",
            Self::Text => "text",
        }
    }
}
