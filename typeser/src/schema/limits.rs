//! The bounds that keep hostile input from costing more than its size: documented, and part of every format version.

/// The limits that hold for every snapshot and every value, on the writing side and on the reading side alike.
///
/// They are constants and not settings: bytes that one program may write, every other program must be able to read.
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
    /// How many indirections (`Box`, `Rc`, `Arc`, collections) a value may be deep.
    pub const DEPTH: u32 = 512;
    /// The largest encoded snapshot in bytes.
    pub const SNAPSHOT_BYTES: usize = 16 * 1024 * 1024;
    /// The largest snapshot in the JSON or text form, in bytes.
    pub const SNAPSHOT_TEXT_BYTES: usize = 64 * 1024 * 1024;
    /// How deep type expressions may be nested, and JSON.
    pub const TEXT_DEPTH: usize = 64;
    /// How many elements a collection may hold beyond one for each byte that its elements take.
    ///
    /// Elements that take no bytes (`()`, `PhantomData`, empty arrays) would otherwise let eight bytes of input
    /// claim 2^64 rounds of a loop.
    pub const EMPTY_ELEMENTS: u64 = 65_536;
}
