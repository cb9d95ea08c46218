//! Values written in the layout of an older release, for as long as binaries of it read them.

use super::error::BuildVersionsError;
use super::layouts::Layout;
use super::reader::ReadError;
use super::tag::Tag;
use crate::migrate::{Memory, MigrateError, Migration, Trust};
use crate::resolve::{Compatibility, Losses, Policy, Role, resolve};
use crate::schema::Fingerprint;
use crate::serializer::{Serializer, StateType, TypeSerializer};
use crate::snapshot::{NodeHints, RecordHints, SerializerSnapshot, SnapshotError};
use crate::wire::{DecodeErrorKind, EncodeError, EncodeErrorKind};

/// The layout of an older release, in which values are written.
#[derive(Debug)]
pub(super) struct OlderLayout {
    release: String,
    fingerprint: Fingerprint,
    /// What is stored in front of its values.
    front: Vec<u8>,
    /// From today's bytes to its own; `None` if they are the same.
    translation: Option<Migration>,
}

impl OlderLayout {
    /// The layout of a release, if its values can be made of today's without a value that nobody declared, and without
    /// a loss that the caller does not allow.
    pub(super) fn new<T: StateType>(
        today: &Serializer<T>,
        (release, snapshot): (&str, &SerializerSnapshot),
        losses: Losses,
        front: Vec<u8>,
    ) -> Result<Self, BuildVersionsError> {
        let release = release.to_owned();
        let bare = match with_defaults_alone(snapshot) {
            Ok(bare) => bare,
            Err(error) => {
                return Err(BuildVersionsError::NoOlderForm { release, findings: vec![format!("\n  {error}")] });
            }
        };
        let resolution = resolve(today.snapshot(), &bare, Role::Value, &Policy { losses, downwards: true });
        let refused: Vec<String> = resolution
            .findings()
            .iter()
            .filter(|finding| finding.rule.verdict == Compatibility::Incompatible)
            .map(|finding| format!("\n  [{}] {}{}: {}", finding.rule.id, finding.role, finding.path, finding.detail))
            .collect();
        if !refused.is_empty() {
            return Err(BuildVersionsError::NoOlderForm { release, findings: refused });
        }
        if resolution.is_read_only() {
            let fields = resolution.left_out().map(|finding| format!("{}{}", finding.role, finding.path)).collect();
            return Err(BuildVersionsError::LeavesOut { release, fields });
        }
        match resolution.translation(today.conversions()) {
            Ok(translation) => Ok(Self { release, fingerprint: snapshot.fingerprint(), front, translation }),
            Err(error) => Err(BuildVersionsError::Release { release, error: Box::new(error.into()) }),
        }
    }

    /// The tag of the layout.
    pub(super) fn tag(&self) -> Tag {
        Tag::of(self.fingerprint)
    }

    /// Appends the frame and the bytes of a value.
    pub(super) fn encode<T: StateType>(
        &self,
        today: &Serializer<T>,
        value: &T,
        to: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let before = to.len();
        to.extend_from_slice(&self.front);
        let written = match &self.translation {
            None => today.serialize(value, to),
            Some(translation) => Memory::with(|memory| {
                today.serialize(value, &mut memory.bytes)?;
                let run = translation.run(&memory.bytes, Trust::Verified, &mut memory.scratch, to);
                run.map_err(|error| self.not_written(&error))
            }),
        };
        written.inspect_err(|_| to.truncate(before))
    }

    /// Appends the frame and the bytes of a stored value.
    pub(super) fn rewrite<T: StateType>(
        &self,
        layout: &Layout<T>,
        stored: &[u8],
        to: &mut Vec<u8>,
    ) -> Result<(), ReadError> {
        if layout.snapshot.fingerprint() == self.fingerprint {
            // Copied, so that what today's type lacks of it stays.
            layout.reader.check(&layout.snapshot, stored)?;
            to.extend_from_slice(&self.front);
            to.extend_from_slice(stored);
            return Ok(());
        }
        Memory::with(|Memory { bytes: today, scratch, .. }| {
            layout.reader.upgrade(stored, today)?;
            let before = to.len();
            to.extend_from_slice(&self.front);
            match &self.translation {
                None => to.extend_from_slice(today),
                Some(translation) => {
                    let run = translation.run(today, Trust::Verified, scratch, to);
                    run.inspect_err(|_| to.truncate(before))?;
                }
            }
            Ok(())
        })
    }

    #[cold]
    fn not_written(&self, error: &MigrateError) -> EncodeError {
        let reason = match error {
            MigrateError::Stored(error) => match error.kind() {
                DecodeErrorKind::VariantOfNewerRelease { tag } => {
                    format!("it holds a variant (tag {tag}) that the release does not have")
                }
                _ => error.to_string(),
            },
            error => error.to_string(),
        };
        EncodeErrorKind::NotInRelease { release: self.release.clone(), reason }.into()
    }
}

/// What the release declares of those before it says nothing of today's values: its fallback, its aliases or its
/// conversions are for older ones. Only its defaults hold, for what today's values lack.
fn with_defaults_alone(snapshot: &SerializerSnapshot) -> Result<SerializerSnapshot, SnapshotError> {
    let hints = snapshot.schema().nodes().iter().zip(snapshot.hints()).map(|(node, declared)| {
        let mut hints = NodeHints::empty(node);
        match (&mut hints, declared) {
            (NodeHints::Struct(hints), NodeHints::Struct(declared)) => defaults(&mut hints.record, &declared.record),
            (NodeHints::Enum(hints), NodeHints::Enum(declared)) => {
                for (hints, declared) in hints.variants.iter_mut().zip(&declared.variants) {
                    defaults(&mut hints.record, &declared.record);
                }
            }
            _ => {}
        }
        hints
    });
    let (name, version, configuration) = (snapshot.name().to_owned(), snapshot.version(), snapshot.configuration());
    SerializerSnapshot::new(name, version, configuration, snapshot.schema().clone(), hints.collect())
}

fn defaults(hints: &mut RecordHints, declared: &RecordHints) {
    for (hints, declared) in hints.fields.iter_mut().zip(&declared.fields) {
        hints.default.clone_from(&declared.default);
    }
}
