//! The walker: compares every pair of stored and new nodes once, and writes findings and steps.
//!
//! It uses a stack of pairs instead of recursion, so the depth of a schema costs no native stack. A pair that occurs
//! again, also while it is still being compared, gets the step that it already has.

mod constants;
mod elsewhere;
mod finish;
mod functions;
mod guesses;
mod hash;
mod identity;
mod kinds;
mod layouts;
mod leaves;
mod merges;
mod newer;
mod opaques;
mod places;
mod reading;
mod record_pair;
mod records;
mod run;
mod shapes;
mod variants;
mod versions;
mod walker;
mod was;
mod weights;

pub(crate) use leaves::widens;
pub(super) use opaques::forgets;
pub(super) use run::walk;
