//! What can go wrong in a harness; always with the operator, and the instance where there is one.

use std::path::PathBuf;

use crate::descriptor::StateError;
use crate::function::FunctionError;
use crate::key_group::KeyGroupError;
use crate::restore::{OpenError, Refusal, RestoreError};
use crate::savepoint::WriteSavepointError;
use crate::timer::TimeDomain;

/// Why a harness does not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HarnessError {
    /// State was declared that cannot be.
    #[error("operator `{operator}` cannot be made: {source}")]
    Declare {
        /// The operator's uid.
        operator: String,
        /// Why.
        source: Box<StateError>,
    },
    /// Two operators of one uid.
    #[error(
        "two operators have the uid `{uid}`: stored state is found by it, so each would take the other's; give one of \
         them another"
    )]
    DuplicateUid {
        /// The uid.
        uid: String,
    },
    /// Keyed state where elements have no keys.
    #[error(
        "operator `{operator}` declares `{state}`, which belongs to keys, but its elements have none: say what their key \
         is with `keyed_by`, or declare state of the operator itself, in `operator_state`"
    )]
    NoKeys {
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
    },
    /// Timers that nobody would fire.
    #[error(
        "operator `{operator}` declares the timers `{service}` where nobody would fire them: declare them with \
         `Declarations::timers`, not with `keyed_state().timers`"
    )]
    ForeignTimers {
        /// The operator's uid.
        operator: String,
        /// The name of the service.
        service: String,
    },
    /// No instance at all.
    #[error("a parallelism of 0 leaves nobody to take elements: give `with_parallelism` 1 or more")]
    NoInstances,
    /// There cannot be so many instances.
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
        source: Box<OpenError>,
    },
    /// What is stored has no place in the program: all problems of all operators. Nothing was restored.
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
        /// What the function says.
        source: FunctionError,
    },
    /// An element or a timer fails.
    #[error(
        "instance {instance} of operator `{operator}`: `{call}` failed: {source}; what it had done by then is done, so \
         begin again from the last savepoint: this harness takes neither elements nor savepoints any more"
    )]
    Process {
        /// The operator's uid.
        operator: String,
        /// Its number.
        instance: u32,
        /// `process_element` or `on_timer`.
        call: &'static str,
        /// What the function says.
        source: FunctionError,
    },
    /// The key of an element cannot be used.
    #[error("an element of operator `{operator}` was not taken: {source}")]
    Key {
        /// The operator's uid.
        operator: String,
        /// Why.
        source: Box<StateError>,
    },
    /// `snapshot_state` fails.
    #[error(
        "instance {instance} of operator `{operator}`: `snapshot_state` failed in checkpoint {checkpoint_id}: {source}; \
         no savepoint was written, and all goes on as before"
    )]
    Snapshot {
        /// The operator's uid.
        operator: String,
        /// Its number.
        instance: u32,
        /// The number of the checkpoint.
        checkpoint_id: u64,
        /// What the function says.
        source: FunctionError,
    },
    /// A savepoint cannot be written.
    #[error(transparent)]
    Savepoint(#[from] WriteSavepointError),
    /// `notify_checkpoint_complete` fails.
    #[error(
        "instance {instance} of operator `{operator}`: `notify_checkpoint_complete` failed for checkpoint \
         {checkpoint_id}: {source}; the savepoint {} is complete, and everybody else was told",
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
        /// What the function says.
        source: FunctionError,
    },
    /// Time does not go back.
    #[error("{domain} is at {now} already and does not go back to {asked}: give {now} or more")]
    TimeGoesBack {
        /// Which time.
        domain: TimeDomain,
        /// What it is.
        now: i64,
        /// What was asked for.
        asked: i64,
    },
    /// An element or a timer failed before.
    #[error("this harness stopped when something failed: {before}")]
    Stopped {
        /// What failed.
        before: String,
    },
}
