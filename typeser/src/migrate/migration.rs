//! A migration: stored bytes in, new bytes out.

use std::sync::Arc;

use super::functions::NoFunctions;
use super::linked::{Caller, FunctionFailure, Linked};
use super::lower::lower;
use super::operation::KeptText;
use super::program::Program;
use super::scratch::Scratch;
use super::transcode;
use crate::resolve::{Compatibility, Plan, Resolution, SerializerName, Step, rules};
use crate::schema::{Node, NodeId};
use crate::serializer::Conversions;
use crate::snapshot::SerializerSnapshot;
use crate::wire::{DecodeError, DecodeErrorKind, validate};

/// A migration from the bytes of one serializer to those of another, without decoding values.
///
/// Cheap to clone, and safe to share between threads.
///
/// ```
/// use typeser::migrate::{Cost, Scratch, Trust};
/// use typeser::resolve::{Policy, Role};
/// use typeser::{Serializer, TypeSerializer, resolve};
///
/// let (stored, new) = (Serializer::<Vec<u32>>::new()?, Serializer::<Vec<u64>>::new()?);
/// let mut bytes = Vec::new();
/// stored.serialize(&vec![1, 2, 3], &mut bytes)?;
///
/// let resolution = resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default());
/// let migration = resolution.migration(new.conversions())?;
/// assert_eq!(migration.cost(), Cost::Copy);
/// let mut migrated = Vec::new();
/// migration.run(&bytes, Trust::Verified, &mut Scratch::default(), &mut migrated)?;
/// assert_eq!(new.deserialize(&migrated)?, [1, 2, 3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Migration {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    cost: Cost,
    stored: SerializerSnapshot,
    /// Whether the code of the new type reads as text whatever is text in the stored layout and copied, and no function
    /// would be called once more to find the first error.
    defers_text: bool,
    verified: Runnable,
    foreign: Foreign,
}

/// How a migration handles untrusted bytes.
#[derive(Debug)]
enum Foreign {
    /// By a program that includes the checks.
    Checked(Box<Runnable>),
    /// By validating the whole value first: only that finds duplicate keys of maps.
    Validated,
}

/// How far stored bytes are trusted.
///
/// ```
/// use typeser::migrate::{Scratch, Trust};
/// use typeser::resolve::{Policy, Role};
/// use typeser::{Serializer, TypeSerializer, resolve};
///
/// let (stored, new) = (Serializer::<(bool, u32)>::new()?, Serializer::<(bool, u64)>::new()?);
/// let resolution = resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default());
/// let migration = resolution.migration(new.conversions())?;
///
/// // 2 is not a bool. Only bytes that another program may have written are checked for that.
/// let mut to = Vec::new();
/// let refused = migration.run(&[2, 7, 0, 0, 0], Trust::Foreign, &mut Scratch::default(), &mut to);
/// assert_eq!(refused.unwrap_err().offset(), 0);
/// assert!(to.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trust {
    /// Their checksum matched **and** typeser wrote them under the stored snapshot. UTF-8, bools and the like are not
    /// checked again; lengths, tags and depth always are.
    Verified,
    /// Any other bytes: adopted, hand-made or unchecked. Everything is validated except what depends on the machine; a
    /// time that this machine cannot represent is reported when it is decoded.
    Foreign,
}

/// The cost of a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cost {
    /// No byte of a value changes: only the snapshot is replaced.
    Metadata,
    /// Every value is rewritten, at about the cost of copying it.
    Copy,
    /// Every value is rewritten, and parts of it are decoded, converted by user functions, and encoded again.
    Convert,
}

/// Why stored bytes cannot be migrated. In that case nothing is written.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum MigrateError {
    /// The stored serializer does not write such bytes.
    #[error("cannot migrate stored bytes, at offset {}: {}", .0.offset(), .0.kind())]
    Stored(DecodeError),
    /// A user function did not convert a part of them.
    #[error("cannot migrate stored bytes: {0}")]
    Function(Box<FunctionFailure>),
}

crate::text::debug_as_display!(MigrateError);

/// The reasons why bytes cannot be decoded.
pub type MigrateErrorKind = DecodeErrorKind;

/// Why there is no migration.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoMigration {
    /// The verdict requires no migration.
    #[error("nothing is migrated from `{stored}`: the verdict is \"{verdict}\"")]
    Verdict {
        /// The stored serializer.
        stored: String,
        /// The verdict.
        verdict: Compatibility,
    },
    /// Required user functions were not passed.
    #[error(
        "the migration from `{stored}` needs functions of the program that are not at hand: `{}`; pass the `conversions()` of the serializer whose type names them, inside the program that has them",
        ids.join("`, `")
    )]
    Unlinked {
        /// The stored serializer.
        stored: String,
        /// Their ids, sorted.
        ids: Vec<String>,
    },
    /// The plan has to skip bytes of unknown length.
    #[error("the stored bytes of `{stored}` cannot be walked: a part of them has no length")]
    Unframed {
        /// The stored serializer.
        stored: String,
    },
}

crate::text::debug_as_display!(NoMigration);

impl Resolution {
    /// The migration, if the verdict is [`Compatibility::RequiresMigration`]. `with` holds the functions that it may
    /// need: [`TypeSerializer::conversions`](crate::TypeSerializer::conversions) of the new serializer.
    ///
    /// # Errors
    /// The verdict is another one, or functions are missing.
    pub fn migration(&self, with: &Conversions) -> Result<Migration, NoMigration> {
        let verdict = || NoMigration::Verdict { stored: self.stored().to_string(), verdict: self.compatibility() };
        if self.compatibility() != Compatibility::RequiresMigration {
            return Err(verdict());
        }
        self.translation(with)?.ok_or_else(verdict)
    }

    /// From stored bytes to those of the new layout, whatever the verdict; `None` if they are the same bytes.
    #[doc(hidden)]
    pub fn translation(&self, with: &Conversions) -> Result<Option<Migration>, NoMigration> {
        if self.compatibility() == Compatibility::Compatible {
            return Ok(None);
        }
        // Including those in empty arrays, which no value reaches, so that the requirement equals the report.
        let missing: Vec<String> =
            self.functions().into_iter().filter(|id| with.get(id).is_none()).map(str::to_owned).collect();
        if !missing.is_empty() {
            return Err(NoMigration::Unlinked { stored: self.stored().to_string(), ids: missing });
        }
        match self.plan() {
            Some(plan) => {
                // Under these rules, bytes that are text in the stored layout stay and are something else.
                let other = [&rules::STRING_TO_BYTES, &rules::SAME_BYTES_DECLARED];
                let decodes_text = !self.findings().iter().any(|finding| other.contains(&finding.rule));
                Migration::new(plan, self.stored_snapshot(), decodes_text, with).map(Some)
            }
            None => Err(NoMigration::Verdict { stored: self.stored().to_string(), verdict: self.compatibility() }),
        }
    }

    /// The ids of the user functions that the migration needs, sorted, for tools that do not have the functions.
    #[must_use]
    pub fn functions(&self) -> Vec<&str> {
        let steps = self.plan().into_iter().flat_map(|plan| &plan.steps);
        let mut ids: Vec<&str> = steps
            .filter_map(|step| match step {
                Step::Functions(functions) => Some(functions.ids.iter().map(String::as_str)),
                _ => None,
            })
            .flatten()
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

impl Migration {
    fn new(
        plan: &Plan,
        stored: &SerializerSnapshot,
        decodes_text: bool,
        with: &Conversions,
    ) -> Result<Self, NoMigration> {
        let unframed = || NoMigration::Unframed { stored: SerializerName::of(stored).to_string() };
        let distinct = stored.schema().nodes().iter().any(|node| matches!(node, Node::Set(_) | Node::Map { .. }));
        let foreign = match distinct {
            true => Foreign::Validated,
            false => {
                let program = lower(plan, true).ok_or_else(unframed)?;
                Foreign::Checked(Box::new(link(program, with, stored)?))
            }
        };
        let verified = link(lower(plan, false).ok_or_else(unframed)?, with, stored)?;
        let defers_text = decodes_text && verified.functions.ids().is_empty();
        let cost = match plan.steps[0] {
            Step::Same(_) if plan.from == plan.to => Cost::Metadata,
            _ if verified.functions.ids().is_empty() => Cost::Copy,
            _ => Cost::Convert,
        };
        Ok(Self { inner: Arc::new(Inner { cost, stored: stored.clone(), defers_text, verified, foreign }) })
    }

    /// Its cost.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.inner.cost
    }

    /// The ids of the user functions that it calls, sorted.
    #[must_use]
    pub fn functions(&self) -> Vec<&str> {
        self.inner.verified.functions.ids()
    }

    /// Appends the new bytes for the stored bytes of one value.
    ///
    /// A panic of a user function passes through; then `to` may hold a part of the new bytes.
    ///
    /// # Errors
    /// `stored` is not a value of the stored serializer, or a function refused a part of it. Then `to` is unchanged.
    pub fn run(
        &self,
        stored: &[u8],
        trust: Trust,
        scratch: &mut Scratch,
        to: &mut Vec<u8>,
    ) -> Result<(), MigrateError> {
        self.run_with(stored, trust, KeptText::Checked, scratch, to)
    }

    /// The same before the new bytes are decoded by the code of the new type: that checks text which is copied, so that it
    /// is not checked here as well. Bytes that are damaged there lead to an error of the decoder.
    #[inline(always)]
    pub(crate) fn run_before_decoding(
        &self,
        stored: &[u8],
        trust: Trust,
        scratch: &mut Scratch,
        to: &mut Vec<u8>,
    ) -> Result<(), MigrateError> {
        let kept_text = if self.inner.defers_text { KeptText::Deferred } else { KeptText::Checked };
        self.run_with(stored, trust, kept_text, scratch, to)
    }

    /// Whether an error after that may not be the first one.
    pub(crate) fn defers_text(&self, trust: Trust) -> bool {
        self.inner.defers_text && trust == Trust::Foreign
    }

    #[inline(always)]
    fn run_with(
        &self,
        stored: &[u8],
        trust: Trust,
        kept_text: KeptText,
        scratch: &mut Scratch,
        to: &mut Vec<u8>,
    ) -> Result<(), MigrateError> {
        let Inner { verified, foreign, stored: snapshot, .. } = &*self.inner;
        let program = match (trust, foreign) {
            (Trust::Verified, _) => verified,
            (Trust::Foreign, Foreign::Checked(program)) => program,
            (Trust::Foreign, Foreign::Validated) => {
                validate(snapshot.schema(), NodeId::ROOT, snapshot.configuration().integers, stored)?;
                verified
            }
        };
        program.run(snapshot, stored, kept_text, scratch, to)
    }
}

/// A program with its functions.
#[derive(Debug)]
struct Runnable {
    program: Program,
    functions: Linked,
}

fn link(program: Program, with: &Conversions, stored: &SerializerSnapshot) -> Result<Runnable, NoMigration> {
    match Linked::new(&program, with) {
        Ok(functions) => Ok(Runnable { program, functions }),
        Err(ids) => Err(NoMigration::Unlinked { stored: SerializerName::of(stored).to_string(), ids }),
    }
}

impl Runnable {
    #[inline(always)]
    fn run(
        &self,
        snapshot: &SerializerSnapshot,
        stored: &[u8],
        kept_text: KeptText,
        scratch: &mut Scratch,
        to: &mut Vec<u8>,
    ) -> Result<(), MigrateError> {
        if self.program.functions.is_empty() && self.program.distinct.is_empty() {
            return Ok(transcode::run_with(&self.program, &NoFunctions, kept_text, stored, scratch, to)?);
        }
        self.run_with_functions(snapshot, stored, kept_text, scratch, to)
    }

    #[inline(never)]
    fn run_with_functions(
        &self,
        snapshot: &SerializerSnapshot,
        stored: &[u8],
        kept_text: KeptText,
        scratch: &mut Scratch,
        to: &mut Vec<u8>,
    ) -> Result<(), MigrateError> {
        let caller = Caller::new(&self.functions);
        let outcome = transcode::run_with(&self.program, &caller, kept_text, stored, scratch, to);
        outcome.map_err(|error| match caller.into_failure(snapshot, stored) {
            Some(failure) => MigrateError::Function(failure),
            None => MigrateError::Stored(error),
        })
    }
}

impl From<DecodeError> for MigrateError {
    fn from(source: DecodeError) -> Self {
        Self::Stored(source)
    }
}

impl MigrateError {
    /// The offset in the stored bytes.
    #[must_use]
    pub fn offset(&self) -> usize {
        match self {
            Self::Stored(error) => error.offset(),
            Self::Function(failure) => failure.offset,
        }
    }
}
