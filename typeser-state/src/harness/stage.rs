//! The interface between a harness and an operator or a chain of operators.

use std::path::Path;

use super::error::HarnessError;
use crate::function::{Record, StateStorage, Times};
use crate::restore::{Refusal, RestoreOptions};
use crate::savepoint::{Savepoint, SavepointWriter};
use crate::timer::TimeDomain;

/// The settings with which operators are created.
pub struct StartContext<'a> {
    pub(super) parallelism: u32,
    /// The savepoint that the operators are restored from.
    pub(super) savepoint: Option<&'a Savepoint>,
    pub(super) clock: std::sync::Arc<crate::keyed::ManualClock>,
    pub(super) storage: &'a mut dyn FnMut(&str, u32) -> StateStorage,
}

/// The notification of a complete checkpoint, and the functions that failed on it.
pub struct Notification<'a> {
    pub(super) checkpoint_id: u64,
    pub(super) path: &'a Path,
    pub(super) failures: Vec<HarnessError>,
}

/// An operator or a chain of operators. Order of calls: `declare`, `check`, `start`, `initialize`, then the others.
pub trait Stage {
    /// The type of its input elements.
    type In;
    /// The type of its output elements.
    type Out;

    #[doc(hidden)]
    fn uids(&self, uids: &mut Vec<String>);
    #[doc(hidden)]
    fn declare(&mut self, context: &mut StartContext<'_>) -> Result<(), HarnessError>;
    #[doc(hidden)]
    fn check(
        &self,
        context: &mut StartContext<'_>,
        savepoint: &Savepoint,
        options: &RestoreOptions,
        refusals: &mut Vec<Refusal>,
    ) -> Result<(), HarnessError>;
    #[doc(hidden)]
    fn start(
        &mut self,
        context: &mut StartContext<'_>,
        from: Option<(&Savepoint, &RestoreOptions)>,
    ) -> Result<(), HarnessError>;
    #[doc(hidden)]
    fn initialize(&mut self) -> Result<(), HarnessError>;
    #[doc(hidden)]
    fn process(
        &mut self,
        element: Record<Self::In>,
        times: Times,
        out: &mut Vec<Record<Self::Out>>,
    ) -> Result<(), HarnessError>;
    #[doc(hidden)]
    fn process_on_all(
        &mut self,
        element: &Record<Self::In>,
        times: Times,
        out: &mut Vec<Record<Self::Out>>,
    ) -> Result<(), HarnessError>
    where
        Self::In: Clone;
    #[doc(hidden)]
    fn advance(
        &mut self,
        domain: TimeDomain,
        times: Times,
        out: &mut Vec<Record<Self::Out>>,
    ) -> Result<(), HarnessError>;
    #[doc(hidden)]
    fn snapshot(&mut self, checkpoint_id: u64, timestamp: i64) -> Result<(), HarnessError>;
    #[doc(hidden)]
    fn write(&self, to: SavepointWriter) -> Result<SavepointWriter, HarnessError>;
    #[doc(hidden)]
    fn notify(&mut self, notification: &mut Notification<'_>);
}
