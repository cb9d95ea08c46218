//! The part of the text and JSON forms before the layout.

use super::scan::Position;
use super::{ParseSnapshotError, READ_VERSIONS};
use crate::schema::IntegerEncoding;
use crate::text::{clean, did_you_mean};

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
