//! The memory of the transcoder: its frames, its notes, and elements that are compared.

use super::distinct::DistinctPart;
use super::operation::{At, Levels};

/// Memory that runs of a migration reuse.
///
/// Make one per thread and pass it to every run:
///
/// ```
/// use typeser::migrate::{Scratch, Trust};
/// use typeser::resolve::{Policy, Role};
/// use typeser::{Serializer, TypeSerializer, resolve};
///
/// let (stored, new) = (Serializer::<u32>::new()?, Serializer::<u64>::new()?);
/// let resolution = resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default());
/// let migration = resolution.migration(new.conversions())?;
///
/// let mut scratch = Scratch::default();
/// let mut migrated = Vec::new();
/// for row in [7u32, 8, 9] {
///     migration.run(&row.to_le_bytes(), Trust::Verified, &mut scratch, &mut migrated)?;
/// }
/// assert_eq!(migrated.len(), 3 * 8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Scratch {
    pub(super) frames: Vec<Frame>,
    pub(super) notes: Vec<(usize, usize)>,
    /// The elements of the open sets, and keys of the open maps, that functions make.
    pub(super) distinct: Vec<DistinctPart>,
}

/// An open loop, call or permuted record.
#[derive(Debug, Clone, Copy)]
pub(super) enum Frame {
    /// A loop with `left` more iterations.
    Loop { left: u64, levels: Levels },
    /// A loop whose elements may take no bytes: where the current element begins in the stored and the written bytes,
    /// if that has to be checked.
    CountedLoop { left: u64, levels: Levels, stored: Option<usize>, written: Option<usize> },
    /// A call of a routine.
    Return { at: At, levels: Levels },
    /// A record whose field offsets were noted, from this index of the notes.
    Permuted { base: usize },
    /// A set or map whose elements or keys are compared, from this index on.
    Distinct { base: usize },
    /// A record whose field offsets are being noted.
    Note { base: usize },
    /// The noting pass: where to continue in the program, and where it began in the bytes.
    Noting { at: At, start: usize },
}
