//! The functions that the model knows, by the ids that attributes give them.

use typeser::schema::Primitive;

use super::super::value::Value;

/// A function: its id, what it reads, what it gives, and whether different values stay different.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// The id.
    pub id: &'static str,
    /// What it reads.
    pub from: Primitive,
    /// What it gives.
    pub to: Primitive,
    /// Whether different values stay different.
    pub injective: bool,
}

const fn function(id: &'static str, from: Primitive, to: Primitive, injective: bool) -> Function {
    Function { id, from, to, injective }
}

/// All of them.
pub const FUNCTIONS: [Function; 4] = [
    function("Functions.a: spelled", Primitive::U32, Primitive::String, true),
    function("Functions.b: length", Primitive::String, Primitive::U64, false),
    function("Functions.c: negative", Primitive::I64, Primitive::Bool, false),
    function("Functions.d: narrowed", Primitive::U64, Primitive::U32, false),
];

/// What a function makes of a value; `None` if it refuses it.
pub(super) fn call(id: &str, value: &Value) -> Option<Value> {
    Some(match (id, value) {
        ("Functions.a: spelled", Value::Unsigned(number)) => Value::String(format!("{number}")),
        ("Functions.b: length", Value::String(text)) => Value::Unsigned(text.chars().fold(0, |sum, _| sum + 1)),
        ("Functions.c: negative", Value::Signed(number)) => Value::Bool(*number <= -1),
        ("Functions.d: narrowed", Value::Unsigned(number @ 0..=0xFFFF_FFFF)) => Value::Unsigned(*number),
        _ => return None,
    })
}
