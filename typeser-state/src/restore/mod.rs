//! Opening and restoring: what stored state is worth to today's program, decided before anything is touched.
//!
//! This is the only module that asks the resolver. A restore has two halves. *Plan* matches the operator by its uid and
//! every state by its name, resolves the key and every serializer, and reports all problems at once. *Run* streams the
//! rows into a backend: as they are where the plan says so, migrated where it says so. The savepoint is only read.

mod carry;
mod check;
mod dry_run;
mod error;
mod judge;
mod local;
mod matching;
mod open;
mod options;
mod part;
mod plan;
mod portion;
mod program;
mod redistribute;
mod resume;
mod run;

pub use check::check_operators;
pub use dry_run::DryRun;
pub use error::{OpenError, Problem, Refusal, RestoreError};
pub use matching::TimeToLiveChange;
pub use options::RestoreOptions;
pub use plan::{RestorePlan, StatePlan, StateVerdict};
pub use program::{OperatorPlan, Program, ProgramPlan};
pub use redistribute::OperatorStatesPlan;
pub use run::Progress;

pub(crate) use judge::{Judge, Judged};
pub(crate) use part::{RowPlace, RowsOfGroups};
pub(crate) use run::{shown, shown_key};
