//! Reports of what a command compared: one model, and a file for each format.

mod comparison;
mod document;
mod entry;
mod error;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests say what they mean in their names")]
mod fixture;
mod format;
mod github;
mod gitlab;
mod grid;
mod human;
mod json;
mod junit;
mod levels;
mod lines;
mod location;
mod markdown;
mod matrix;
mod options;
mod place;
mod rendering;
mod sarif;
mod short;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests say what they mean in their names")]
mod tests;
mod text;

pub(crate) use comparison::{Acceptance, Comparison, File, Pair, Problem, Side};
pub(crate) use entry::{Entry, What};
pub(crate) use format::Format;
pub(crate) use levels::{Ignored, Levels};
pub(crate) use lines::Text;
pub(crate) use options::{Options, ReportFile};
pub(crate) use place::{Place, in_repository};
pub(crate) use text::count;
