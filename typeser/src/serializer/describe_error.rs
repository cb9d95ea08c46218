//! Why a type cannot be described.

use crate::schema::SchemaError;
use crate::snapshot::SnapshotError;
use crate::wire::EncodeError;

/// Why a type has no snapshot.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum DescribeError {
    /// A constant that an attribute names cannot be encoded.
    #[error("the {attribute} of `{type_name}.{part}` has no stored form: {source}")]
    Constant {
        /// `default` or `becomes`.
        attribute: &'static str,
        /// The declared name of the type.
        type_name: String,
        /// The field or variant.
        part: String,
        /// Why.
        source: EncodeError,
    },
    /// A function converts a field from the layout that the field has now.
    #[error(
        "the conversion `{id}` reads the layout that the field has now, so nothing could tell values that it converted from others; count the version of the type up and declare `migrate(..)` instead"
    )]
    SameLayout {
        /// The id of the function: type, field and path.
        id: String,
    },
    /// Two functions of a field or type read one layout.
    #[error(
        "`{first}` and `{second}` read the same stored layout, so nothing could tell which of the two a stored value is for; leave out one of them"
    )]
    OneLayout {
        /// The id of one.
        first: String,
        /// The id of the other.
        second: String,
    },
    /// A type was declared to be stored as its own layout before.
    #[error("`was` of `{type_name}` names the layout that the type has now, which is always read; leave it out")]
    WasItself {
        /// The declared name of the type.
        type_name: String,
    },
    /// A type was declared to be stored as a layout with other bytes before.
    #[error(
        "`was` of `{type_name}` names `{was}`, whose bytes differ from those of `{type_name}`; convert stored values by a function: `migrate(1 => path)` on the type, or `with_conversion` on the serializer"
    )]
    WasOtherBytes {
        /// The declared name of the type, or the type of a state.
        type_name: String,
        /// The layout.
        was: String,
    },
    /// The nodes do not make a schema.
    #[error("`{type_name}` has no schema: {source}")]
    Schema {
        /// The Rust type.
        type_name: &'static str,
        /// Why.
        source: SchemaError,
    },
    /// The description does not make a snapshot.
    #[error("`{type_name}` has no snapshot: {source}")]
    Snapshot {
        /// The Rust type.
        type_name: &'static str,
        /// Why.
        source: SnapshotError,
    },
}

crate::text::debug_as_display!(DescribeError);
