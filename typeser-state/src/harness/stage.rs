//! What a harness asks of an operator, and of a chain of them.

use std::path::Path;

use super::error::HarnessError;
use crate::function::{Record, StateStorage, Times};
use crate::restore::{Refusal, RestoreOptions};
use crate::savepoint::{Savepoint, SavepointWriter};
use crate::timer::TimeDomain;

/// With what operators are made.
pub struct Making<'a> {
    pub(super) parallelism: u32,
    pub(super) clock: std::sync::Arc<crate::keyed::ManualClock>,
    pub(super) storage: &'a mut dyn FnMut(&str, u32) -> StateStorage,
}

/// What is told of a checkpoint, and to whom it could not be told.
pub struct Told<'a> {
    pub(super) checkpoint_id: u64,
    pub(super) path: &'a Path,
    pub(super) failures: Vec<HarnessError>,
}

/// An operator or a chain of them, in the order of calls: `declare`, `check`, `open` or `restore`, `initialize`, and then
/// the others.
pub trait Stage {
    /// What it gets.
    type In;
    /// What it gives.
    type Out;

    #[doc(hidden)]
    fn uids(&self, uids: &mut Vec<String>);
    #[doc(hidden)]
    fn declare(&mut self, making: &mut Making<'_>) -> Result<(), HarnessError>;
    #[doc(hidden)]
    fn check(
        &self,
        making: &mut Making<'_>,
        savepoint: &Savepoint,
        options: &RestoreOptions,
        refusals: &mut Vec<Refusal>,
    ) -> Result<(), HarnessError>;
    #[doc(hidden)]
    fn start(
        &mut self,
        making: &mut Making<'_>,
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
    fn notify(&mut self, told: &mut Told<'_>);
}
