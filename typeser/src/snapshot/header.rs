//! The part of the text and JSON forms before the layout, and what hints a layout may have.

use super::definition::Definition;
use super::scan::Position;
use super::{NodeHints, ParseSnapshotError, READ_VERSIONS};
use crate::schema::IntegerEncoding;
use crate::text::{clean, did_you_mean};

/// What the hints of a layout may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hinted {
    /// Everything: it is that of the snapshot.
    Yes,
    /// No functions and no other layouts: a function reads it.
    WithoutFunctions,
    /// Nothing: a type or value was this layout before.
    No,
}

/// The error of a function within the layout that a function reads.
pub(super) const NO_FUNCTIONS: &str = "the layout that a function reads cannot name functions or other layouts";

impl Hinted {
    /// Checks the hints of a definition.
    pub(super) fn check(self, definition: &Definition) -> Result<(), ParseSnapshotError> {
        let (hints, at) = (definition.hints.as_ref(), definition.reference.at);
        let has_values = !definition.constants.is_empty();
        match self {
            Self::WithoutFunctions if hints.is_some_and(NodeHints::has_functions) => Err(at.error(NO_FUNCTIONS)),
            Self::WithoutFunctions if has_values => {
                Err(at.error("the constants of a layout that a function reads are written as bytes"))
            }
            Self::No if has_values || hints.is_some_and(|hints| !hints.is_empty()) => {
                Err(at.error("the layout that a type was before cannot have hints"))
            }
            _ => Ok(()),
        }
    }
}

/// A format version that can be read.
pub(super) fn known_version(found: u16, at: Position) -> Result<u16, ParseSnapshotError> {
    if READ_VERSIONS.contains(&found) {
        Ok(found)
    } else {
        Err(ParseSnapshotError::UnknownVersion { line: at.line, column: at.column, found })
    }
}

/// The integer encoding of this name.
pub(super) fn integers_named(name: &str, at: Position) -> Result<IntegerEncoding, ParseSnapshotError> {
    match name {
        "fixed" => Ok(IntegerEncoding::Fixed),
        "variable" => Ok(IntegerEncoding::Variable),
        other => {
            let near = did_you_mean(other, ["fixed", "variable"]);
            Err(at.error(format!("integers are `fixed` or `variable`, not `{}`{near}", clean(other))))
        }
    }
}
