//! The one walker: meets every pair of stored and new nodes once, and writes findings and steps.
//!
//! It works off a stack of pairs instead of recursing, so the depth of a schema costs no stack; a pair that is met
//! again, also while it is still being looked at, is the step that it already has.

mod as_rust;
mod finish;
mod functions;
mod hash;
mod layouts;
mod leaves;
mod opaques;
mod records;
mod run;
mod shapes;
mod walker;

pub(super) use opaques::forgets;
pub(super) use run::walk;
