//! The two programs of a reconfigured serializer: from the adopted layout to today's, and back.

use super::functions::NoFunctions;
use super::lower::lower;
use super::migration::MigrateError;
use super::program::Program;
use super::scratch::Scratch;
use super::transcode;
use crate::resolve::{Compatibility, Policy, Role, resolve};
use crate::snapshot::SerializerSnapshot;
use crate::wire::DecodeError;

/// What stands before the reading half and behind the writing half of a reconfigured serializer, over bytes alone.
///
/// [`Adopted`](super::Adopted) puts it around the code of a Rust type; tools that have no such type use it as it is.
#[derive(Debug)]
pub struct Reconfigured {
    snapshot: SerializerSnapshot,
    read: Program,
    write: Program,
}

impl Reconfigured {
    /// The programs between an adopted snapshot, as [`Resolution::adopted`](crate::resolve::Resolution::adopted) gives
    /// it, and the new one it was adopted for.
    ///
    /// `None` if either of the two would have to do more than to move fields and to map tags.
    #[must_use]
    pub fn new(adopted: &SerializerSnapshot, new: &SerializerSnapshot) -> Option<Self> {
        let program = |from: &SerializerSnapshot, to: &SerializerSnapshot| {
            let resolution = resolve(from, to, Role::Value, &Policy::default());
            let keeps_all = resolution.compatibility() <= Compatibility::AfterReconfigure;
            // What this leaves unchecked, the code that reads the new layout checks.
            resolution.plan().filter(|_| keeps_all).and_then(|plan| lower(plan, false))
        };
        Some(Self { snapshot: adopted.clone(), read: program(adopted, new)?, write: program(new, adopted)? })
    }

    /// The adopted snapshot: what is stored beside the bytes.
    #[must_use]
    pub fn snapshot(&self) -> &SerializerSnapshot {
        &self.snapshot
    }

    /// Appends the bytes in the new layout for those of one value in the stored one.
    ///
    /// The value in them, its strings and bools and so on, is for the reader of the new layout to check.
    ///
    /// # Errors
    /// `stored` is not what the stored serializer writes. Then `to` is as it was before.
    pub fn read(&self, stored: &[u8], scratch: &mut Scratch, to: &mut Vec<u8>) -> Result<(), MigrateError> {
        self.run_read(stored, scratch, to).map_err(MigrateError::from)
    }

    /// Appends the bytes in the stored layout for those of one value in the new one.
    ///
    /// # Errors
    /// `new` is not what the new serializer writes. Then `to` is as it was before.
    pub fn write(&self, new: &[u8], scratch: &mut Scratch, to: &mut Vec<u8>) -> Result<(), MigrateError> {
        self.run_write(new, scratch, to).map_err(MigrateError::from)
    }

    pub(super) fn run_read(&self, stored: &[u8], scratch: &mut Scratch, to: &mut Vec<u8>) -> Result<(), DecodeError> {
        transcode::run(&self.read, &NoFunctions, stored, scratch, to)
    }

    pub(super) fn run_write(&self, new: &[u8], scratch: &mut Scratch, to: &mut Vec<u8>) -> Result<(), DecodeError> {
        transcode::run(&self.write, &NoFunctions, new, scratch, to)
    }
}
