//! Reads the values of earlier releases, in a table that is migrated lazily.

use std::cell::Cell;

use typeser::migrate::{MigrateError, Migration, Scratch, Trust};
use typeser::wire::DecodeError;
use typeser::{Serializer, StateType, TypeSerializer};

use super::key_codec::with_value;
use super::record::OlderRows;

/// Reads the values of one earlier release.
pub(super) struct OlderValues<V> {
    pub(super) rows: OlderRows,
    /// To the bytes of the serializer; `None` if they are those.
    pub(super) migration: Option<Migration>,
    pub(super) serializer: Serializer<V>,
}

/// Why the value of an earlier release was not read.
pub(super) enum OlderValueError {
    Migrate(MigrateError),
    Decode(DecodeError),
}

thread_local! {
    /// Kept, so that rows do not allocate it. A function of the program that reads a row gets another one.
    static SCRATCH: Cell<Scratch> = Cell::default();
}

impl<V: StateType> OlderValues<V> {
    /// The value of a row. The row stays as it is.
    pub(super) fn decode(&self, stored: &[u8]) -> Result<V, OlderValueError> {
        let Some(migration) = &self.migration else {
            return self.serializer.deserialize(stored).map_err(OlderValueError::Decode);
        };
        with_value(|bytes| {
            let mut scratch = SCRATCH.take();
            let migrated = migration.run(stored, Trust::Foreign, &mut scratch, bytes);
            SCRATCH.set(scratch);
            migrated.map_err(OlderValueError::Migrate)?;
            self.serializer.deserialize(bytes).map_err(OlderValueError::Decode)
        })
    }
}
