//! Findings for people and machines: whole reports, one line a finding, and JSON.
//!
//! The library never prints; a report is a value that displays itself. It reads no files either: the
//! caller [passes the source](Report::with_sources) of the program.

mod cause;
mod declaration;
mod excerpt;
mod halves;
mod json;
mod level;
mod many;
mod messages;
mod place;
mod plain;
mod render;
#[cfg(feature = "rich")]
mod rich;
mod short;
mod single;
mod source;
mod text;
mod witness;

pub use cause::FindingId;
pub use json::JSON_VERSION;
pub use level::Level;
pub use many::Reports;
pub use single::{CauseStep, Report};
pub use source::Sources;
pub use witness::{Claim, Example, Witness, witness};
