//! The derive reserves the names of all built-in types of the library.
#![allow(missing_docs, reason = "a test")]

use typeser::schema::{Primitive, logical};

#[test]
fn every_built_in_name_is_reserved() {
    let list = include_str!("../../typeser-derive/src/reserved.rs");
    let shapes = [
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
    let primitives = Primitive::ALL.map(Primitive::name);
    for name in logical::NAMES.iter().copied().chain(shapes).chain(primitives) {
        assert!(list.contains(&format!("    \"{name}\",\n")), "`{name}` is missing in typeser-derive/src/reserved.rs");
    }
}
