//! Limits that bound the cost of hostile input: documented, and part of every format version.

/// The limits that hold for every snapshot and every value, on the writing side and on the reading side alike.
///
/// They are constants and not settings: bytes that one program may write, every other program must be able to read.
///
/// ```
/// use typeser::schema::Limits;
/// use typeser::{Serializer, TypeSerializer};
///
/// // More elements without bytes than a value may hold are refused when they are written.
/// let serializer = Serializer::<Vec<()>>::new()?;
/// let elements = usize::try_from(Limits::EMPTY_ELEMENTS)?;
/// let mut bytes = Vec::new();
/// assert!(serializer.serialize(&vec![(); elements], &mut bytes).is_ok());
/// assert!(serializer.serialize(&vec![(); elements + 1], &mut bytes).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Limits;

impl Limits {
    /// The most nodes that one schema may have.
    pub const NODES: usize = 65_536;
    /// The longest name (of a type, field, variant, state, ...) in bytes.
    pub const NAME_BYTES: usize = 1_024;
    /// How much a schema may hold in all: every name in bytes, and for every reference to a node 8 and, if the node has
    /// a name, that name again. Hints may hold as much again, counting for every name its bytes and 8. It keeps the
    /// text forms, which repeat names, from growing without bound.
    pub const SCHEMA_WEIGHT: usize = 16 * 1024 * 1024;
    /// How deep a value may be when it is written: options with a value, payloads of variants, lists, sets and
    /// maps, each inside the other. Where the content has a size known to the compiler, nothing is counted.
    ///
    /// Boxes do not count: they are no part of the layout, and a type that boxes in another place must be able to
    /// read the same bytes. Reading and writing recurse as deep as this. With the feature `stacker` (on by default) they
    /// move to a larger stack where the one of the thread is short, which suffices for values that take up to 4 KiB in
    /// memory at each level.
    pub const DEPTH: u32 = 512;
    /// How deep a value may be when it is read or migrated.
    ///
    /// More than [`Limits::DEPTH`], since types with boxes in other places may count the innermost levels differently:
    /// whatever was written can be read.
    pub const READ_DEPTH: u32 = Self::DEPTH + 64;
    /// The largest encoded snapshot in bytes.
    pub const SNAPSHOT_BYTES: usize = 16 * 1024 * 1024;
    /// The largest snapshot in the JSON or text form, in bytes.
    pub const SNAPSHOT_TEXT_BYTES: usize = 64 * 1024 * 1024;
    /// How deep type expressions may be nested, and JSON.
    pub const TEXT_DEPTH: usize = 64;
    /// How many elements without bytes the collections of a value may hold, all of them together.
    ///
    /// Elements that take no bytes (`()`, `PhantomData`, empty arrays) would otherwise let eight bytes of input
    /// claim 2^64 rounds of a loop.
    pub const EMPTY_ELEMENTS: u64 = 65_536;
}
