//! A migration: stored bytes in, new bytes out.

use std::sync::Arc;

use super::{Program, lower, transcode};
use crate::resolve::{Compatibility, Plan, Resolution, Step};
use crate::schema::{IntegerEncoding, Node, NodeId, Schema};
use crate::wire::{DecodeError, DecodeErrorKind, validate};

/// How stored bytes of one serializer become those of another, with no value in between.
///
/// Cheap to clone, and safe to share between threads.
#[derive(Debug, Clone)]
pub struct Migration {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    cost: Cost,
    integers: IntegerEncoding,
    verified: Program,
    foreign: Foreign,
}

/// What stands between a migration and bytes that are not believed.
#[derive(Debug)]
enum Foreign {
    /// The program, with the checks in it.
    Checked(Program),
    /// A look at the whole value beforehand: only that finds a key of a map that is there twice.
    Validated(Schema),
}

/// How far stored bytes are believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trust {
    /// A checksum over them held **and** typeser wrote them under the stored snapshot. Whether strings are UTF-8, bools
    /// 0 or 1 and so on is not checked again; lengths, tags and depth always are.
    Verified,
    /// Anything else: adopted, hand-made or unchecked bytes. Everything is validated that does not depend on the
    /// machine; a time that this machine cannot hold is found when it is decoded.
    Foreign,
}

/// What a migration costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cost {
    /// No byte of a value changes: only the snapshot is replaced.
    Metadata,
    /// Every value is rewritten, at about the price of copying it.
    Copy,
}

/// Memory that runs of a migration use again.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(super) frames: Vec<transcode::Frame>,
    pub(super) notes: Vec<(usize, usize)>,
}

/// Why stored bytes cannot be migrated. Nothing is written then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot migrate stored bytes, at offset {}: {}", .source.offset(), .source.kind())]
pub struct MigrateError {
    source: DecodeError,
}

/// The reasons of a [`MigrateError`]: those for which bytes cannot be decoded.
pub type MigrateErrorKind = DecodeErrorKind;

impl Resolution {
    /// The migration, if the verdict is [`Compatibility::RequiresMigration`].
    #[must_use]
    pub fn migration(&self) -> Option<Migration> {
        if self.compatibility() != Compatibility::RequiresMigration {
            return None;
        }
        Migration::new(self.plan()?, self.stored_snapshot().schema())
    }
}

impl Migration {
    /// `None` if the plan has to walk past bytes that nothing says the end of.
    fn new(plan: &Plan, stored: &Schema) -> Option<Self> {
        let distinct = stored.nodes().iter().any(|node| matches!(node, Node::Set(_) | Node::Map { .. }));
        let foreign = match distinct {
            true => Foreign::Validated(stored.clone()),
            false => Foreign::Checked(lower(plan, true)?),
        };
        let cost = match plan.steps[0] {
            Step::Same(_) if plan.from == plan.to => Cost::Metadata,
            _ => Cost::Copy,
        };
        let verified = lower(plan, false)?;
        Some(Self { inner: Arc::new(Inner { cost, integers: plan.from, verified, foreign }) })
    }

    /// What it costs.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.inner.cost
    }

    /// Appends the new bytes for the stored bytes of one value.
    ///
    /// # Errors
    /// `stored` is not what the stored serializer writes. Then `to` is as it was before.
    pub fn run(
        &self,
        stored: &[u8],
        trust: Trust,
        scratch: &mut Scratch,
        to: &mut Vec<u8>,
    ) -> Result<(), MigrateError> {
        let Inner { verified, foreign, integers, .. } = &*self.inner;
        let program = match (trust, foreign) {
            (Trust::Verified, _) => verified,
            (Trust::Foreign, Foreign::Checked(program)) => program,
            (Trust::Foreign, Foreign::Validated(schema)) => {
                validate(schema, NodeId::ROOT, *integers, stored)?;
                verified
            }
        };
        Ok(transcode::run(program, stored, scratch, to)?)
    }
}

impl From<DecodeError> for MigrateError {
    fn from(source: DecodeError) -> Self {
        Self { source }
    }
}

impl MigrateError {
    /// Where in the stored bytes.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.source.offset()
    }

    /// The reason.
    #[must_use]
    pub fn kind(&self) -> &MigrateErrorKind {
        self.source.kind()
    }
}
