//! Where in a schema a finding points: at the name or the type of a field or variant, at a whole type, or at the top.

use super::declaration::Member;
use crate::resolve::{Finding, Link};
use crate::schema::{Field, Line, Node, NodeId, PathSegment};
use crate::snapshot::{Members, SerializerSnapshot};

/// One of the two sides of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Stored,
    New,
}

/// A side and what is known of it.
#[derive(Clone, Copy)]
struct Side<'a, 'm> {
    which: Which,
    snapshot: &'a SerializerSnapshot,
    members: &'a Members<'m>,
}

/// The two snapshots that were compared, with their fields and variants by name.
#[derive(Debug)]
pub(super) struct Sides<'a> {
    snapshots: [&'a SerializerSnapshot; 2],
    members: [Members<'a>; 2],
}

impl<'a> Sides<'a> {
    pub(super) fn of(stored: &'a SerializerSnapshot, new: &'a SerializerSnapshot) -> Self {
        // What the stored type was called before it was stored does not matter: paths go by its names.
        Self { snapshots: [stored, new], members: [Members::by_name(stored), Members::by_alias(new)] }
    }
}

/// What a finding points at on one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The line of the layout's text; `None` for the top.
    pub(super) line: Option<Line>,
    /// What of that line.
    pub(super) part: Part,
    /// Whether that is the whole of it, and not something around it.
    pub(super) whole: bool,
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
    fn node(self, link: &Link) -> NodeId {
        match self {
            Self::Stored => link.stored,
            Self::New => link.new,
        }
    }
}

impl Place {
    const TOP: Self = Self { line: None, part: Part::Type, whole: true };

    fn header(id: NodeId) -> Self {
        Self { line: Some(Line::Type(id)), part: Part::Name, whole: true }
    }

    /// The named type that this place belongs to.
    pub(super) fn owner(self) -> Option<NodeId> {
        match self.line? {
            Line::Type(id) | Line::Variant(id, _) | Line::Field(id, _, _) => Some(id),
        }
    }

    /// The variant and the field, where this is about one.
    pub(super) fn member(self, snapshot: &SerializerSnapshot) -> Member<'_> {
        let nothing = Member { variant: None, field: None };
        match self.line {
            None | Some(Line::Type(_)) => nothing,
            Some(Line::Variant(id, at)) => match snapshot.schema().node(id) {
                Node::Enum(node) => {
                    Member { variant: node.variants.get(at).map(|variant| &*variant.name), field: None }
                }
                _ => nothing,
            },
            Some(Line::Field(id, variant, at)) => match (snapshot.schema().node(id), variant) {
                (Node::Struct(node), _) => Member { variant: None, field: field_name(&node.fields, at) },
                (Node::Enum(node), Some(variant)) => match node.variants.get(variant) {
                    Some(variant) => Member { variant: Some(&variant.name), field: field_name(&variant.fields, at) },
                    None => nothing,
                },
                _ => nothing,
            },
        }
    }
}

/// What the finding points at on both sides.
pub(super) fn places(sides: &Sides<'_>, finding: &Finding) -> [Place; 2] {
    let [stored, new] = sides.snapshots;
    let is_named = |link: &Link| named(stored, link.stored) && named(new, link.new);
    let of_types = finding.chain.last().is_some_and(is_named);
    let side = |which: Which| Side {
        which,
        snapshot: sides.snapshots[which as usize],
        members: &sides.members[which as usize],
    };
    [Which::Stored, Which::New].map(|which| place(side(which), finding, of_types))
}

/// What the finding points at on one side; `of_types` if there is a named type on both sides.
fn place(side: Side<'_, '_>, finding: &Finding, of_types: bool) -> Place {
    let Side { which, snapshot, .. } = side;
    let segments = finding.path.segments();
    let Some((last, above)) = finding.chain.split_last() else { return Place::TOP };
    let more = segments.get(last.depth..).unwrap_or_default();
    let node = which.node(last);
    if !more.is_empty() {
        return member(side, node, more, Part::Name).unwrap_or_else(|| within(side, node, more));
    }
    if of_types {
        return Place::header(node);
    }
    // The type has no separate line; its field has.
    let user = above.iter().rev().find(|link| named(snapshot, which.node(link)));
    match user {
        Some(link) => {
            let more = segments.get(link.depth..).unwrap_or_default();
            let node = which.node(link);
            let place = member(side, node, more, Part::Type).unwrap_or_else(|| within(side, node, more));
            // A variant and its field are two segments.
            let own = more.iter().take_while(|segment| matches!(segment, PathSegment::Variant(_))).count() + 1;
            Place { whole: link.depth + own >= last.depth, ..place }
        }
        None if named(snapshot, node) => Place::header(node),
        None => Place { whole: last.depth == 0, ..Place::TOP },
    }
}

/// What is left to point at where a side has no such member: the variant it would be in, or the whole type.
fn within(side: Side<'_, '_>, id: NodeId, segments: &[PathSegment]) -> Place {
    let variant = match segments {
        [variant @ PathSegment::Variant(_), _, ..] => member(side, id, std::slice::from_ref(variant), Part::Name),
        _ => None,
    };
    match variant {
        Some(place) => place,
        None if named(side.snapshot, id) => Place::header(id),
        None => Place::TOP,
    }
}

fn named(snapshot: &SerializerSnapshot, id: NodeId) -> bool {
    matches!(snapshot.schema().get(id), Some(Node::Struct(_) | Node::Enum(_)))
}

/// The member of a named type into which the path goes, by its name or an alias.
fn member(side: Side<'_, '_>, id: NodeId, segments: &[PathSegment], part: Part) -> Option<Place> {
    let line = match (side.snapshot.schema().get(id)?, segments) {
        (Node::Struct(_), [PathSegment::Field(name), ..]) => Line::Field(id, None, side.members.field(id, None, name)?),
        (Node::Enum(_), [PathSegment::Variant(name), more @ ..]) => {
            let at = side.members.variant(id, name)?;
            match more {
                [PathSegment::Field(name), ..] => Line::Field(id, Some(at), side.members.field(id, Some(at), name)?),
                _ => return Some(Place { line: Some(Line::Variant(id, at)), part: Part::Name, whole: true }),
            }
        }
        _ => return None,
    };
    Some(Place { line: Some(line), part, whole: true })
}

fn field_name(fields: &[Field], at: usize) -> Option<&str> {
    fields.get(at).map(|field| field.name.as_str())
}
