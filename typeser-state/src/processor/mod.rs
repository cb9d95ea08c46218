//! The state processor: savepoints as data, with the types of the program or without the program that wrote them.
//!
//! With types:
//!
//! - [`Operator::read`](crate::keyed::Operator::read) calls a function for every key, with all states and timers at hand;
//!   [`OperatorStates::read`](crate::operator::OperatorStates::read) reads what belongs to no key.
//! - [`KeyedStateBackend::bootstrap`](crate::keyed::KeyedStateBackend::bootstrap) and
//!   [`OperatorStateStore::bootstrap`](crate::operator::OperatorStateStore::bootstrap) fill state from elements that come
//!   from anywhere.
//! - [`SavepointEdit`] bases a new savepoint on another one: operators and states that are added, removed, renamed, moved
//!   and changed, by rules or by a function.
//!
//! A savepoint holds the snapshots of its serializers, so it can be read from the directory alone, and
//! migrated to other types wherever that needs no function of the program:
//!
//! - [`Query`] reads rows, or keys with all their rows, as dynamic values, by operator, state, key and key group.
//! - [`Differences`] compares two savepoints row by row.
//! - [`MigrationPlan`] is a migration to other serializers: all verdicts first, then a [dry run](MigrationPlan::dry_run)
//!   or a [new savepoint](MigrationPlan::run).
//! - [`RekeyPlan`] gives an operator keys of another type, and moves every row to where its new key belongs.
//! - [`Targets`] are the new serializers, from files or from the program.
//!
//! What is read is never changed. What is written is a new savepoint, whole or not at all, in memory that does not grow
//! with the number of rows. The guide is `docs/state-processor.md`.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let (old, new) = (folder.path().join("old"), folder.path().join("new"));
//! use typeser::{Serializer, TypeSerializer};
//! use typeser::resolve::Role;
//! use typeser_state::backend::MemoryBackend;
//! use typeser_state::keyed::Operator;
//! use typeser_state::processor::{MigrationPlan, ProcessOptions, Query, Targets};
//! use typeser_state::savepoint::Savepoint;
//!
//! let mut operator = Operator::<String>::new("flights-by-tail")?;
//! let departures = operator.value::<u32>("departures")?;
//! let mut state = operator.open(MemoryBackend::new())?;
//! state.set_current_key(&"N14228".to_owned())?;
//! departures.update(&mut state, &111)?;
//! let savepoint = Savepoint::create(&old)?.operator(&state)?.finish()?;
//!
//! // From here on the types above are not needed any more.
//! for entry in Query::new().key("N14228").run(&savepoint)? {
//!     let entry = entry?;
//!     assert_eq!((entry.state.name(), entry.value.to_string()), ("departures", "111".to_owned()));
//! }
//!
//! let mut targets = Targets::new();
//! let wider = Serializer::<u64>::new()?;
//! targets.add("flights-by-tail", "departures", Role::Value, wider.snapshot().clone());
//! let plan = MigrationPlan::new(&savepoint, &targets, &ProcessOptions::new())?;
//! let forecast = plan.dry_run(&mut |_progress| ())?;
//! assert_eq!((forecast.states[0].bytes, forecast.states[0].new_bytes), (24, 28));
//! let savepoint = plan.run(&new, &mut |_progress| ())?;
//! assert_eq!(Query::new().run(&savepoint)?.next().transpose()?.map(|entry| entry.value), Some(111u64.into()));
//! # Ok(())
//! # }
//! ```

mod difference;
mod edit;
mod error;
mod migrate;
mod operators;
mod options;
mod query;
mod rewrite;
mod typed;

pub use crate::rows::dropped_data::DroppedDataCount;
pub use crate::rows::failure::RowFailure;
pub use crate::rows::progress::{Phase, Progress};
pub use difference::found::{Difference, DifferenceIter, Differences, FoundIn, StateDifferences};
pub use difference::not_compared::NotCompared;
pub use edit::plan::EditPlan;
pub use edit::steps::SavepointEdit;
pub use error::edit::{EditProblem, EditRefused};
pub use error::process::ProcessError;
pub use error::read::{BoxError, ReadStateError, UnreadableRow};
pub use error::refused::{NeededFunctions, Refused};
pub use migrate::plan::MigrationPlan;
pub use migrate::planner::PlannedState;
pub use migrate::rekey::RekeyPlan;
pub use migrate::targets::{Target, Targets};
pub use options::ProcessOptions;
pub use query::entries::Entries;
pub use query::entry::{Entry, EntryPlace};
pub use query::filter::Query;
pub use query::key_entries::KeyEntries;
pub use rewrite::forecast::{Forecast, StateForecast};
