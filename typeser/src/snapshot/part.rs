//! The parts of a node's definition that an error can be about.

/// A part of what is said of one node. Numbers count from 0, in the order of the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// An earlier name of the type.
    TypeAlias(usize),
    /// A function for whole values of an earlier version.
    Migration(usize),
    /// A layout of another kind with the same bytes.
    Was(usize),
    /// As [`Part::Was`], declared of the value as a whole.
    RootWas(usize),
    /// What a stored `None` becomes, declared of the value as a whole.
    RootNone,
    /// A function that converts the value as a whole.
    RootConversion(usize),
    /// The name of a variant.
    Variant(usize),
    /// The tag of a variant.
    Tag(usize),
    /// An earlier name of a variant.
    VariantAlias(usize, usize),
    /// A removed variant, and what it becomes.
    RemovedVariant(usize),
    /// The variant that removed ones fall back to.
    Fallback,
    /// A field.
    Field(Record, usize),
    /// The value of a field where none is stored.
    Default(Record, usize),
    /// The value of a field where `None` is stored.
    None(Record, usize),
    /// An earlier name of a field.
    FieldAlias(Record, usize, usize),
    /// A removed field.
    RemovedField(Record, usize),
    /// A function that converts a field.
    Conversion(Record, usize, usize),
}

/// The fields of a struct, or those of the variant of this number.
pub(super) type Record = Option<usize>;
