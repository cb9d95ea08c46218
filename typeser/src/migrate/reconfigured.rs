//! The two programs of a reconfigured serializer: from the adopted layout to the current one, and back.

use super::functions::NoFunctions;
use super::lower::lower;
use super::migration::MigrateError;
use super::program::Program;
use super::scratch::Scratch;
use super::transcode;
use crate::resolve::{Compatibility, Policy, Role, resolve};
use crate::snapshot::SerializerSnapshot;
use crate::wire::DecodeError;

/// Translates between an adopted layout and the current layout, on bytes alone.
///
/// [`Adopted`](super::Adopted) combines it with the code of a Rust type. Tools without the type use it directly.
///
/// ```
/// # #[cfg(feature = "derive")] {
/// use typeser::migrate::{Reconfigured, Scratch};
/// use typeser::resolve::{Policy, Role};
/// use typeser::{Serializer, StateType, TypeSerializer, resolve};
///
/// #[derive(StateType)]
/// #[state(name = "Point")]
/// struct Stored { x: u8, y: u8 }
///
/// #[derive(StateType)]
/// struct Point { y: u8, x: u8 }
///
/// let (stored, new) = (Serializer::<Stored>::new()?, Serializer::<Point>::new()?);
/// let resolution = resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default());
/// let adopted = resolution.adopted().expect("fields in another order need no migration");
/// let reconfigured = Reconfigured::new(adopted, new.snapshot()).expect("it only moves fields");
/// let mut bytes = Vec::new();
/// reconfigured.read(&[1, 2], &mut Scratch::default(), &mut bytes)?;
/// assert_eq!(bytes, [2, 1]);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Reconfigured {
    snapshot: SerializerSnapshot,
    read: Program,
    write: Program,
}

impl Reconfigured {
    /// The programs between an adopted snapshot, as returned by
    /// [`Resolution::adopted`](crate::resolve::Resolution::adopted), and the new snapshot that it was adopted for.
    ///
    /// `None` if one of them would have to do more than move fields and map tags.
    #[must_use]
    pub fn new(adopted: &SerializerSnapshot, new: &SerializerSnapshot) -> Option<Self> {
        let program = |from: &SerializerSnapshot, to: &SerializerSnapshot| {
            let resolution = resolve(from, to, Role::Value, &Policy::default());
            let keeps_all = resolution.compatibility() <= Compatibility::AfterReconfigure;
            // The code that reads the new layout checks what this leaves unchecked.
            resolution.plan().filter(|_| keeps_all).and_then(|plan| lower(plan, false))
        };
        Some(Self { snapshot: adopted.clone(), read: program(adopted, new)?, write: program(new, adopted)? })
    }

    /// The adopted snapshot, which is stored beside the bytes.
    #[must_use]
    pub fn snapshot(&self) -> &SerializerSnapshot {
        &self.snapshot
    }

    /// Appends the bytes of one value in the new layout, from those in the stored layout.
    ///
    /// The reader of the new layout checks strings, bools and the like.
    ///
    /// # Errors
    /// `stored` is not a value of the stored serializer. Then `to` is unchanged.
    pub fn read(&self, stored: &[u8], scratch: &mut Scratch, to: &mut Vec<u8>) -> Result<(), MigrateError> {
        self.run_read(stored, scratch, to).map_err(MigrateError::from)
    }

    /// Appends the bytes of one value in the stored layout, from those in the new layout.
    ///
    /// # Errors
    /// `new` is not a value of the new serializer. Then `to` is unchanged.
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
