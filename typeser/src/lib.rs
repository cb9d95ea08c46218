//! Application state that outlives the code that wrote it.

extern crate self as typeser;

pub mod migrate;
pub mod report;
pub mod resolve;
pub mod schema;
pub mod serializer;
pub mod snapshot;
pub mod wire;

pub use resolve::resolve;
pub use serializer::{Serializer, StateKey, StateType, TypeSerializer};
pub use snapshot::SerializerSnapshot;
#[cfg(feature = "derive")]
pub use typeser_derive::StateType;

/// What generated code calls. Not for people: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::schema::{IntegerEncoding, NodeId, Sizes};
    pub use crate::serializer::{
        Describer, EnumTable, FieldTable, RemovedVariantTable, StructTable, VariantTable, constant, decode_value,
        demand_key, encode_value, unknown_tag,
    };
    pub use crate::snapshot::Location;
    pub use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, Integers, Reader, Writer};
}
