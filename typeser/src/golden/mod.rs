//! Goldens: what each release recorded of its states, and the check of today's types against all of them.
//!
//! A *golden* is what one release recorded of one state in one role: the snapshot of its serializer, and sample values
//! as bytes. Recording is a separate action; a check never writes.

mod accepting;
mod atomic;
mod check;
mod coverage;
mod date;
mod disk;
mod dropped;
mod error;
mod failure;
mod goldens;
mod ledger;
mod listed;
mod locations;
mod manifest;
mod merge;
mod name;
mod options;
mod outcome;
mod problem;
mod read;
mod samples;
mod scan;
mod stability;
mod suite;
mod today;
mod write;

pub(crate) use atomic::sync_folder;
#[doc(hidden)]
pub use atomic::write_atomically;
pub use check::check;
pub use date::{Date, DateError};
pub use disk::RecordError;
pub use dropped::DroppedFunction;
pub use error::{FileError, ReadGoldensError, ReadTodayError};
pub use failure::Failure;
pub use goldens::{Golden, Goldens, RecordedRelease, Sample};
pub use ledger::{Accepted, Ledger, LedgerError};
pub use manifest::ManifestError;
pub use merge::MergeError;
pub use name::ReleaseNameError;
pub(crate) use name::check_release;
pub use options::{Options, Pin, Retired};
pub use outcome::{CheckedDivergence, LedgerProblem, OptionProblem, Outcome, Pair, Standing, StateOutcome, Status};
pub use problem::Problem;
pub use suite::Suite;
pub use today::{Current, Today};

#[doc(hidden)]
pub use ledger::accept;
#[doc(hidden)]
pub use locations::{is_locations_file, locations_file, with_locations};
#[doc(hidden)]
pub use name::{TODAY, state_of_stem, stem};
