//! A finding: one change, where it is, and what to do.

use std::sync::Arc;

use super::fix::Fix;
use super::role::Role;
use super::rules::{self, Rule};
use crate::schema::{Fingerprint, NodeId, Path, PathSegment};
use crate::snapshot::{Location, SerializerSnapshot};

/// One change between a stored and a new serializer.
///
/// ```
/// use typeser::resolve::{Policy, Role};
/// use typeser::{Serializer, TypeSerializer, resolve};
///
/// let (stored, new) = (Serializer::<Vec<u32>>::new()?, Serializer::<Vec<i32>>::new()?);
/// let resolution = resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default());
/// let [finding] = resolution.findings() else { panic!("one change, one finding") };
/// assert_eq!(finding.rule.id, "primitive-changed");
/// assert_eq!((&*finding.stored.type_name, &*finding.new.type_name), ("u32", "i32"));
/// assert!(!finding.fixes.is_empty());
/// # Ok::<(), typeser::serializer::DescribeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule, with verdict, reason and consequence.
    pub rule: &'static Rule,
    /// What the serializer is used for.
    pub role: Role,
    /// Where in the value, by the stored names.
    pub path: Path,
    /// The types on the way there, from the top down. The last is where the change was found.
    pub chain: Vec<Link>,
    /// The other places of the same two types with this change; not all of them if there are very many.
    pub also: Vec<Place>,
    /// What was stored there.
    pub stored: Side,
    /// What the program has there now.
    pub new: Side,
    /// What happened here, with names.
    pub detail: String,
    /// What else is to be known: for an incompatible key, namespace or timer, why it is not rewritten.
    pub note: Option<String>,
    /// What to do here, the best first.
    pub fixes: Vec<Fix>,
}

/// A stored and a new type that correspond to each other, on the path to a finding.
///
/// A path of more than 64 steps leaves some out, and so does its chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Link {
    /// How many segments of the finding's path lead here.
    pub depth: usize,
    /// The type in the stored schema.
    pub stored: NodeId,
    /// The type in the new schema.
    pub new: NodeId,
}

/// A place in a value, and the types on the way there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Where in the value, by the stored names.
    pub path: Path,
    /// The types on the way there, from the top down.
    pub chain: Vec<Link>,
}

/// One of the two sides of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The type as people write it.
    pub type_name: Arc<str>,
    /// The declared version of the type, for structs and enums.
    pub version: Option<u32>,
    /// Where the type is declared, if this program declares it.
    pub location: Option<Location>,
}

/// A serializer as messages name it: by type, version and fingerprint, never by an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SerializerName {
    /// The name of the type.
    pub name: String,
    /// Its declared version.
    pub version: u32,
    /// The fingerprint of its layout and configuration.
    pub fingerprint: Fingerprint,
}

impl std::fmt::Display for SerializerName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} v{} ({})", self.name, self.version, self.fingerprint.short())
    }
}

impl std::fmt::Display for Finding {
    /// The short form, one line: `requires migration [field-added] value.tail: ...`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} [{}] {}{}: {}", self.rule.verdict, self.rule.id, self.role, self.path, self.detail)
    }
}

impl Finding {
    /// The bytes of its text, about.
    pub(super) fn weight(&self) -> usize {
        /// What a step of the path weighs without its name.
        const STEP: usize = 4;
        let names = self.path.segments().iter().map(|segment| match segment {
            PathSegment::Field(name) | PathSegment::Variant(name) => name.len() + STEP,
            _ => STEP,
        });
        let types = self.stored.type_name.len() + self.new.type_name.len();
        let note = self.note.as_ref().map_or(0, String::len);
        let fixes = self.fixes.iter().map(Fix::weight).sum::<usize>();
        names.sum::<usize>() + types + self.detail.len() + note + fixes
    }

    /// Whether it says that there are more than were kept.
    pub(super) fn is_last(&self) -> bool {
        *self.rule == rules::TOO_MANY_FINDINGS
    }
}

impl SerializerName {
    pub(crate) fn of(snapshot: &SerializerSnapshot) -> Self {
        Self { name: snapshot.name().to_owned(), version: snapshot.version(), fingerprint: snapshot.fingerprint() }
    }
}
