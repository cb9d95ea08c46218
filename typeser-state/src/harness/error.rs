//! The errors of a harness. Each names the operator, and the instance where there is one.

use std::path::PathBuf;

use crate::descriptor::StateError;
use crate::function::FunctionError;
use crate::key_group::KeyGroupError;
use crate::restore::{Refusal, RestoreError};
use crate::savepoint::WriteSavepointError;
use crate::timer::TimeDomain;

/// Why a harness failed.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum HarnessError {
    /// An invalid declaration.
    #[error("operator `{operator}` cannot be created: {source}")]
    Declare {
        /// The operator's uid.
        operator: String,
        /// Why.
        source: Box<StateError>,
    },
    /// Two operators with the same uid.
    #[error(
        "two operators have the uid `{uid}`: stored state is found by it, so each would restore the other's; give one \
         of \
         them a different uid"
    )]
    DuplicateUid {
        /// The uid.
        uid: String,
    },
    /// Keyed state in an operator without keys.
    #[error(
        "operator `{operator}` declares `{state}`, which is keyed state, but its elements have no keys: define their \
         key \
         with `keyed_by`, or declare operator state with `operator_state`"
    )]
    NoKeys {
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
    },
    /// Timers that would never fire.
    #[error(
        "operator `{operator}` declares the timers `{service}` in a way that they would never fire: declare them with \
         `Declarations::timers`, not with `keyed_state().timers`"
    )]
    ForeignTimers {
        /// The operator's uid.
        operator: String,
        /// The name of the service.
        service: String,
    },
    /// A parallelism of 0.
    #[error("a parallelism of 0 leaves no instance to process elements: set `with_parallelism` to 1 or more")]
    NoInstances,
    /// An impossible number of instances.
    #[error("operator `{operator}`: {source}")]
    Parallelism {
        /// The operator's uid.
        operator: String,
        /// Why.
        source: KeyGroupError,
    },
    /// A backend cannot be opened.
    #[error("instance {instance} of operator `{operator}`: {source}")]
    Open {
        /// The operator's uid.
        operator: String,
        /// Its number.
        instance: u32,
        /// Why.
        source: Box<RestoreError>,
    },
    /// The stored state does not fit the program: all problems of all operators. Nothing was restored.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// A savepoint cannot be restored.
    #[error("instance {instance} of operator `{operator}`: {source}")]
    Restore {
        /// The operator's uid.
        operator: String,
        /// Its number.
        instance: u32,
        /// Why.
        source: Box<RestoreError>,
    },
    /// `initialize_state` fails.
    #[error("instance {instance} of operator `{operator}`: `initialize_state` failed: {source}; nothing was started")]
    Initialize {
        /// The operator's uid.
        operator: String,
        /// Its number.
        instance: u32,
        /// The error of the function.
        source: FunctionError,
    },
    /// An element or a timer fails.
    #[error(
        "instance {instance} of operator `{operator}`: `{call}` failed: {source}; its changes up to then are not \
         undone, \
         so start again from the last savepoint: this harness accepts no more elements and takes no more savepoints"
    )]
    Process {
        /// The operator's uid.
        operator: String,
        /// Its number.
        instance: u32,
        /// `process_element` or `on_timer`.
        call: &'static str,
        /// The error of the function.
        source: FunctionError,
    },
    /// The key of an element cannot be set.
    #[error("an element of operator `{operator}` was not processed: {source}")]
    Key {
        /// The operator's uid.
        operator: String,
        /// Why.
        source: Box<StateError>,
    },
    /// `snapshot_state` fails.
    #[error(
        "instance {instance} of operator `{operator}`: `snapshot_state` failed in checkpoint {checkpoint_id}: \
         {source}; \
         no savepoint was written, and the harness continues"
    )]
    Snapshot {
        /// The operator's uid.
        operator: String,
        /// Its number.
        instance: u32,
        /// The number of the checkpoint.
        checkpoint_id: u64,
        /// The error of the function.
        source: FunctionError,
    },
    /// A savepoint cannot be written.
    #[error(transparent)]
    Savepoint(#[from] WriteSavepointError),
    /// `notify_checkpoint_complete` fails.
    #[error(
        "instance {instance} of operator `{operator}`: `notify_checkpoint_complete` failed for checkpoint \
         {checkpoint_id}: {source}; the savepoint {} is complete, and all other functions were notified",
        path.display()
    )]
    Listener {
        /// The operator's uid.
        operator: String,
        /// Its number.
        instance: u32,
        /// The number of the checkpoint.
        checkpoint_id: u64,
        /// The savepoint, which is complete.
        path: PathBuf,
        /// The error of the function.
        source: FunctionError,
    },
    /// An earlier time than the current one.
    #[error("{domain} is already at {now} and cannot go back to {asked}: set it to {now} or more")]
    TimeGoesBack {
        /// The time domain.
        domain: TimeDomain,
        /// The current time.
        now: i64,
        /// The requested time.
        asked: i64,
    },
    /// The harness was stopped with a savepoint.
    #[error("this harness was stopped with the savepoint {}; restore a new one from it", path.display())]
    StoppedWithSavepoint {
        /// The savepoint.
        path: PathBuf,
    },
    /// An earlier element or timer failed.
    #[error("this harness stopped after a failure: {before}")]
    Stopped {
        /// The failure.
        before: String,
    },
}

typeser::text::debug_as_display!(HarnessError);
