//! Snapshots of serializers: layout, hints and configuration, as plain data with a version.

pub(crate) mod assemble;
mod binary;
mod body;
mod body_layout;
mod conflict;
mod constant;
mod declared;
mod definition;
mod envelope;
mod error;
mod expression;
mod format;
mod graph;
mod header;
mod hints;
mod json;
mod json_encode;
mod json_tree;
mod members;
mod needed;
mod part;
mod places;
mod scan;
mod serializer_snapshot;
mod text;
mod v1_read;
mod v1_write;
mod v2_read;
mod v2_write;

pub use conflict::Conflict;
pub use error::{ParseSnapshotError, ReadSnapshotError, WriteSnapshotError};
pub use format::{CURRENT_VERSION, READ_VERSIONS};
pub(crate) use json::string as json_string;
pub(crate) use json_encode::encode as encode_json;
pub(crate) use json_tree::{Json, parse as parse_json};
pub(crate) use members::Members;
pub use serializer_snapshot::{Configuration, Location, SerializerSnapshot, SnapshotError};

#[doc(hidden)]
pub use format::MAGIC;
#[doc(hidden)]
pub use hints::{
    ConversionHint, EnumHints, FieldHints, NodeHints, OpaqueHints, OpaqueMigration, RecordHints, RemovedVariant,
    RootHints, Source, StructHints, TypeMigration, VariantHints,
};
