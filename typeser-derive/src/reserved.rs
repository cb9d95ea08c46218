//! The names of shapes and logical types, which no user type can take.
//!
//! In reports and canonical text, a user type with such a name would look like the shape, and a later release could not
//! distinguish the two by name.

/// Whether no type may have this name.
pub(crate) fn is_reserved(name: &str) -> bool {
    NAMES.contains(&name)
}

const NAMES: &[&str] = &[
    // Primitives, and the Rust types that are stored as one.
    "unit",
    "bool",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "f32",
    "f64",
    "char",
    "str",
    "string",
    "bytes",
    // Shapes.
    "struct",
    "enum",
    "option",
    "list",
    "set",
    "map",
    "array",
    "tuple",
    "nonzero",
    "logical",
    "opaque",
    "opaque-unframed",
    // Logical types of the standard library.
    "duration",
    "system-time",
    "ip-addr",
    "ipv4-addr",
    "ipv6-addr",
    "socket-addr",
    "socket-addr-v4",
    "socket-addr-v6",
    "range",
    "range-inclusive",
    "range-from",
    "range-to",
    "range-to-inclusive",
    "range-full",
    "bound",
    "result",
    "ordering",
    // Logical types of other crates.
    "uuid",
    "decimal",
    "date",
    "time",
    "date-time",
    "timestamp",
    "utc-offset",
    "signed-duration",
    "not-nan",
    "json",
];
