//! The rules that hold between the words of a type, one function each.

use crate::ast::{Input, Shape};
use crate::ctxt::Ctxt;

/// Checks a type against every rule.
pub(crate) fn check(cx: &Ctxt, input: &Input<'_>) {
    check_empty_enum(cx, input);
}

/// An enum without variants has no values: there is nothing to store, and no schema for it.
fn check_empty_enum(cx: &Ctxt, input: &Input<'_>) {
    if matches!(&input.shape, Shape::Enum(variants) if variants.is_empty()) {
        cx.error(input.ident, "an enum without variants has no value to store: add a variant, or leave out the derive");
    }
}
