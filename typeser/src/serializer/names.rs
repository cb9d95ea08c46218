//! The names of built-in types, which nothing else may be called.

use crate::schema::{Primitive, logical};

/// Shapes, and other names that Rust has for primitives.
const OTHERS: &[&str] = &[
    "usize",
    "isize",
    "str",
    "bytes",
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
];

/// Whether this is the name of a built-in type.
pub(super) const fn is_built_in(name: &str) -> bool {
    let mut at = 0;
    while at < Primitive::ALL.len() {
        if equal(Primitive::ALL[at].name(), name) {
            return true;
        }
        at += 1;
    }
    holds(&logical::NAMES, name) || holds(OTHERS, name)
}

const fn holds(names: &[&str], name: &str) -> bool {
    let mut at = 0;
    while at < names.len() {
        if equal(names[at], name) {
            return true;
        }
        at += 1;
    }
    false
}

const fn equal(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}
