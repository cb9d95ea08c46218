//! One savepoint of all workers: each adds its state when it reaches the same position in the data, and the last one
//! finishes it.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use typeser::StateKey;
use typeser_state::backend::Backend;
use typeser_state::keyed::KeyedStateBackend;
use typeser_state::operator::OperatorStateStore;
use typeser_state::savepoint::{Savepoint, SavepointWriter};

use crate::Outcome;

/// A savepoint to which workers add independently.
pub struct SharedSavepoint {
    path: PathBuf,
    growing: Mutex<Growing>,
}

struct Growing {
    /// `None` before the first worker and after the last one.
    writer: Option<SavepointWriter>,
    missing: usize,
}

impl SharedSavepoint {
    pub fn new(path: PathBuf, workers: usize) -> Self {
        Self { path, growing: Mutex::new(Growing { writer: None, missing: workers }) }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds the state of a worker. Returns the savepoint if it was the last worker.
    pub fn add<K: StateKey>(
        &self,
        state: &KeyedStateBackend<K, impl Backend>,
        source: &OperatorStateStore,
    ) -> Outcome<Option<Savepoint>> {
        let mut growing = self.growing.lock().unwrap_or_else(PoisonError::into_inner);
        let writer = match growing.writer.take() {
            Some(writer) => writer,
            None => Savepoint::create(&self.path)?,
        };
        let writer = writer.operator(state)?.operator_state(source)?;
        growing.missing -= 1;
        if growing.missing == 0 {
            return Ok(Some(writer.finish()?));
        }
        growing.writer = Some(writer);
        Ok(None)
    }
}
