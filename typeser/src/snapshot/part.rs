//! The parts of a node's definition that an error can be about.

/// A part of what is said of one node. Numbers count from 0, in the order of the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// An earlier name of the type.
    TypeAlias(usize),
    /// A function for whole values of an earlier version.
    Migration(usize),
    /// The name of a variant.
    Variant(usize),
    /// The tag of a variant.
    Tag(usize),
    /// An earlier name of a variant.
    VariantAlias(usize, usize),
    /// A removed variant.
    RemovedVariant(usize),
    /// The variant that removed ones fall back to.
    Fallback,
    /// A field.
    Field(Record, usize),
    /// An earlier name of a field.
    FieldAlias(Record, usize, usize),
    /// A removed field.
    RemovedField(Record, usize),
    /// A function that converts a field.
    Conversion(Record, usize, usize),
}

/// The fields of a struct, or those of the variant of this number.
pub(super) type Record = Option<usize>;
