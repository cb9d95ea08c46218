//! Where in a schema a finding points: at the name or the type of a field or variant, at a whole type, or at the top.

use crate::resolve::{Finding, Link};
use crate::schema::{Field, Line, Node, NodeId, PathSegment};
use crate::snapshot::{FieldHints, NodeHints, SerializerSnapshot};

/// One of the two sides of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Stored,
    New,
}

/// What a finding points at on one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The line of the layout's text; `None` for the top.
    pub(super) line: Option<Line>,
    /// What of that line.
    pub(super) part: Part,
}

/// What of a line is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The name of a type, variant or field.
    Name,
    /// The type of a field, or of the top.
    Type,
}

impl Which {
    pub(super) fn node(self, link: &Link) -> NodeId {
        match self {
            Self::Stored => link.stored,
            Self::New => link.new,
        }
    }
}

impl Place {
    const TOP: Self = Self { line: None, part: Part::Type };

    fn header(id: NodeId) -> Self {
        Self { line: Some(Line::Type(id)), part: Part::Name }
    }

    /// The named type that this place belongs to.
    pub(super) fn owner(self) -> Option<NodeId> {
        match self.line? {
            Line::Type(id) | Line::Variant(id, _) | Line::Field(id, _, _) => Some(id),
        }
    }

    /// The field or variant, unless this is about a whole type.
    pub(super) fn member(self, snapshot: &SerializerSnapshot) -> Option<&str> {
        match self.line? {
            Line::Type(_) => None,
            Line::Variant(id, variant) => match snapshot.schema().node(id) {
                Node::Enum(node) => node.variants.get(variant).map(|variant| variant.name.as_str()),
                _ => None,
            },
            Line::Field(id, variant, field) => match (snapshot.schema().node(id), variant) {
                (Node::Struct(node), _) => node.fields.get(field).map(|field| field.name.as_str()),
                (Node::Enum(node), Some(variant)) => {
                    node.variants.get(variant)?.fields.get(field).map(|field| field.name.as_str())
                }
                _ => None,
            },
        }
    }
}

/// What the finding points at on one side.
pub(super) fn place(snapshot: &SerializerSnapshot, which: Which, finding: &Finding) -> Place {
    let segments = finding.path.segments();
    let Some((last, above)) = finding.chain.split_last() else { return Place::TOP };
    let more = segments.get(last.depth..).unwrap_or_default();
    let node = which.node(last);
    if !more.is_empty() {
        return member(snapshot, node, more, Part::Name).unwrap_or_else(|| within(snapshot, node, more));
    }
    let is_named = |which: Which| {
        // The other side is known by its name alone.
        let side = if which == Which::Stored { &finding.stored } else { &finding.new };
        side.version.is_some()
    };
    if is_named(Which::Stored) && is_named(Which::New) {
        return Place::header(node);
    }
    // The type has no line of its own: the field that has it does.
    let user = above.iter().rev().find(|link| named(snapshot, which.node(link)));
    match user {
        Some(link) => {
            let more = segments.get(link.depth..).unwrap_or_default();
            let node = which.node(link);
            member(snapshot, node, more, Part::Type).unwrap_or_else(|| within(snapshot, node, more))
        }
        None if named(snapshot, node) => Place::header(node),
        None => Place::TOP,
    }
}

/// What is left to point at where a side has no such member: the variant it would be in, or the whole type.
fn within(snapshot: &SerializerSnapshot, id: NodeId, segments: &[PathSegment]) -> Place {
    let variant = match segments {
        [variant @ PathSegment::Variant(_), _, ..] => member(snapshot, id, std::slice::from_ref(variant), Part::Name),
        _ => None,
    };
    match variant {
        Some(place) => place,
        None if named(snapshot, id) => Place::header(id),
        None => Place::TOP,
    }
}

fn named(snapshot: &SerializerSnapshot, id: NodeId) -> bool {
    matches!(snapshot.schema().get(id), Some(Node::Struct(_) | Node::Enum(_)))
}

/// The member of a named type into which the path goes, by its name or an alias.
fn member(snapshot: &SerializerSnapshot, id: NodeId, segments: &[PathSegment], part: Part) -> Option<Place> {
    let hints = snapshot.hints().get(id.index());
    let line = match (snapshot.schema().get(id)?, segments) {
        (Node::Struct(node), [PathSegment::Field(name), ..]) => {
            let hints = match hints {
                Some(NodeHints::Struct(hints)) => hints.record.fields.as_slice(),
                _ => &[],
            };
            Line::Field(id, None, field(&node.fields, hints, name)?)
        }
        (Node::Enum(node), [PathSegment::Variant(name), more @ ..]) => {
            let hints = match hints {
                Some(NodeHints::Enum(hints)) => hints.variants.as_slice(),
                _ => &[],
            };
            let is_alias = |place: usize| hints.get(place).is_some_and(|hints| has(&hints.aliases, name));
            let by_name = node.variants.iter().position(|variant| *variant.name == **name);
            let at = by_name.or_else(|| (0..node.variants.len()).find(|place| is_alias(*place)))?;
            match more {
                [PathSegment::Field(name), ..] => {
                    let hints = hints.get(at).map_or(&[][..], |hints| hints.record.fields.as_slice());
                    Line::Field(id, Some(at), field(&node.variants[at].fields, hints, name)?)
                }
                _ => return Some(Place { line: Some(Line::Variant(id, at)), part: Part::Name }),
            }
        }
        _ => return None,
    };
    Some(Place { line: Some(line), part })
}

fn field(fields: &[Field], hints: &[FieldHints], name: &str) -> Option<usize> {
    let is_alias = |place: usize| hints.get(place).is_some_and(|hints| has(&hints.aliases, name));
    let by_name = fields.iter().position(|field| field.name == name);
    by_name.or_else(|| (0..fields.len()).find(|place| is_alias(*place)))
}

fn has(names: &[String], name: &str) -> bool {
    names.iter().any(|alias| alias == name)
}
