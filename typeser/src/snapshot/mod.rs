//! What a serializer says of itself: its layout, its hints and its configuration, as plain data with a version.

mod hints;
mod serializer_snapshot;

pub use hints::{
    ConversionHint, EnumHints, FieldHints, NodeHints, OpaqueHints, OpaqueMigration, RecordHints, RemovedVariant,
    StructHints, TypeMigration, VariantHints,
};
pub use serializer_snapshot::{Configuration, Location, SerializerSnapshot, SnapshotError};
