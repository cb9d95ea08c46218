//! Opening and restoring: what stored state is worth to today's program, decided before anything is touched.
//!
//! A restore has two halves. *Plan* matches the operator by its uid and every state by its name, compares the key and
//! every serializer, and reports all problems at once. *Run* streams the rows into a backend: as they are where the
//! plan says so, migrated where it says so. The savepoint is only read.

mod batch;
mod check;
mod display;
mod dry_run;
mod error;
mod local;
mod matching;
mod open;
mod options;
mod part;
mod plan;
mod problem;
mod program;
mod progress;
mod redistribute;
mod resume;
mod run;
mod state_plan;
mod stored;
mod write;

pub use crate::rows::time_to_live::TimeToLiveChange;
pub use check::check_operators;
pub use dry_run::DryRun;
pub use error::{Refusal, RestoreError};
pub use options::RestoreOptions;
pub use plan::RestorePlan;
pub use problem::Problem;
pub use program::{OperatorPlan, Program, ProgramPlan};
pub use progress::Progress;
pub use redistribute::OperatorStatesPlan;
pub use state_plan::{StatePlan, StateVerdict};
