//! A pair of nodes: which rule it falls under.

use std::collections::HashSet;

use super::spelling::{rust_type, written};
use super::{Walker, rules};
use crate::resolve::plan::{ShapeId, Step, StepId};
use crate::resolve::{Compatibility, Fix};
use crate::schema::{Field, Node, NodeId, PathSegment, Primitive, Schema, logical};

impl<'a> Walker<'a> {
    /// Looks at a pair: reports what changed, and says how it is carried over, if it is.
    pub(super) fn look(&mut self, id: StepId) -> Option<Step> {
        let (stored, new) = self.nodes(id);
        let shape = ShapeId::of(self.pair(id).stored);
        match (stored, new) {
            (&Node::Primitive(stored), &Node::Primitive(new)) => self.primitives(id, stored, new),
            (Node::Struct(stored), Node::Struct(new)) => self.structs(id, stored, new),
            (Node::Enum(stored), Node::Enum(new)) => self.enums(id, stored, new),
            (&Node::Option(stored), &Node::Option(new)) => {
                Some(Step::Option(self.child(id, stored, new, &[PathSegment::Some])))
            }
            // What is wrapped may be an option itself; then the wrapper is what changed.
            (Node::Tuple(stored), &Node::Option(_)) if self.unwraps(stored, id) => {
                self.one_tuple(id, stored[0], self.pair(id).new)
            }
            (&Node::Option(_), Node::Tuple(new)) if self.wraps_anew(new, id) => {
                self.one_tuple(id, self.pair(id).stored, new[0])
            }
            (Node::Struct(stored), &Node::Option(_)) if self.unwraps(inside(&stored.fields).as_slice(), id) => {
                self.newtype(id, &stored.name, true)
            }
            (&Node::Option(_), Node::Struct(new)) if self.wraps_anew(inside(&new.fields).as_slice(), id) => {
                self.newtype(id, &new.name, false)
            }
            (_, &Node::Option(_)) if self.never_ends(self.pair(id).new) => {
                self.report(id, &rules::KIND_CHANGED, vec![])
            }
            (_, &Node::Option(new)) => {
                self.report(id, &rules::WRAPPED_IN_OPTION, vec![]);
                let stored = self.pair(id).stored;
                Some(Step::Some(self.child(id, stored, new, &[])))
            }
            (&Node::Option(_), _) => {
                let fixes = vec![
                    Fix::code("declare what a stored `None` becomes", "#[state(none = ..)]"),
                    Fix::new(format!("keep `{}`", rust_type(&self.names(id).0))),
                ];
                self.report(id, &rules::UNWRAPPED_OPTION, fixes)
            }
            (&Node::Primitive(Primitive::String), &Node::List(element)) if self.is_u8(element) => {
                self.report(id, &rules::STRING_TO_BYTES, vec![]);
                Some(Step::Same(shape))
            }
            (&Node::List(stored), &Node::List(new)) => {
                let element = self.child(id, stored, new, &[PathSegment::Element]);
                Some(Step::List { element, empty: self.may_be_empty(&[new]) })
            }
            (&Node::Set(stored), &Node::Set(new)) => {
                let zone = self.pair(id).zone.distinct();
                let element = self.meet(stored, new, zone, Some(id), &[PathSegment::SetElement]);
                Some(Step::List { element, empty: self.may_be_empty(&[new]) })
            }
            (&Node::Set(stored), &Node::List(new)) => {
                self.report(id, &rules::SET_TO_LIST, vec![]);
                let element = self.child(id, stored, new, &[PathSegment::Element]);
                Some(Step::List { element, empty: self.may_be_empty(&[new]) })
            }
            (&Node::List(_), &Node::Set(_)) => self.report(id, &rules::LIST_TO_SET, vec![]),
            (&Node::Map { key, value }, &Node::Map { key: new_key, value: new_value }) => {
                let zone = self.pair(id).zone.distinct();
                let key_step = self.meet(key, new_key, zone, Some(id), &[PathSegment::MapKey]);
                let value_step = self.child(id, value, new_value, &[PathSegment::MapValue]);
                let empty = self.may_be_empty(&[new_key, new_value]);
                Some(Step::Map { key: key_step, value: value_step, empty })
            }
            (&Node::Array { element, length }, &Node::Array { element: new, length: new_length }) => {
                if length != new_length {
                    return self.report(id, &rules::ARRAY_LENGTH_CHANGED, vec![]);
                }
                let element = self.child(id, element, new, &[PathSegment::Element]);
                Some(Step::Array { element, length, to_list: false })
            }
            (&Node::Array { element, length }, &Node::List(new)) => {
                self.report(id, &rules::ARRAY_TO_LIST, vec![]);
                let element = self.child(id, element, new, &[PathSegment::Element]);
                Some(Step::Array { element, length, to_list: true })
            }
            (&Node::List(_), &Node::Array { .. }) => self.report(id, &rules::LIST_TO_ARRAY, vec![]),
            (Node::Tuple(stored), Node::Tuple(new)) => self.tuples(id, stored, new),
            (&Node::NonZero(stored), &Node::NonZero(new)) => Some(self.wrapper(id, stored, new)),
            (&Node::NonZero(stored), &Node::Primitive(new)) if new.width().is_some() => {
                self.report(id, &rules::NONZERO_TO_PLAIN, vec![]);
                let new = self.pair(id).new;
                Some(self.wrapper(id, stored, new))
            }
            (&Node::Primitive(stored), &Node::NonZero(_)) if stored.is_integer() => {
                self.report(id, &rules::PLAIN_TO_NONZERO, vec![])
            }
            (Node::Logical(stored), Node::Logical(new)) => {
                let (was, now) = (stored.representation, new.representation);
                // The parts of a time are fixed by its name: what bounds the nanoseconds is not in the layout.
                let is_time = matches!(stored.name.as_str(), logical::DURATION | logical::SYSTEM_TIME);
                let other = is_time && !same_layout(self.stored_schema(), was, self.new_schema(), now);
                if other || stored.name != new.name || stored.parameters != new.parameters {
                    return self.report(id, &rules::LOGICAL_CHANGED, vec![]);
                }
                Some(self.wrapper(id, was, now))
            }
            (Node::Opaque(stored), Node::Opaque(new)) => self.opaques(id, stored, new),
            (Node::Tuple(stored), new) if matches!(stored[..], [inner] if alike(self.stored_schema(), inner, new)) => {
                self.one_tuple(id, stored[0], self.pair(id).new)
            }
            (stored, Node::Tuple(new)) if matches!(new[..], [inner] if alike(self.new_schema(), inner, stored)) => {
                self.one_tuple(id, self.pair(id).stored, new[0])
            }
            (Node::Struct(stored), new) if wraps(self.stored_schema(), &stored.fields, new) => {
                self.newtype(id, &stored.name, true)
            }
            (stored, Node::Struct(new)) if wraps(self.new_schema(), &new.fields, stored) => {
                self.newtype(id, &new.name, false)
            }
            (Node::Logical(_), _) | (_, Node::Logical(_)) => self.report(id, &rules::LOGICAL_CHANGED, vec![]),
            (_, _) => {
                let fix = Fix::new(format!("keep `{}`, and add a new field beside it", rust_type(&self.names(id).0)));
                self.report(id, &rules::KIND_CHANGED, vec![fix])
            }
        }
    }

    /// Reports what the pair itself shows. Answers `None`, so that a refusal is one line.
    pub(super) fn report(&mut self, id: StepId, rule: &'static crate::resolve::Rule, fixes: Vec<Fix>) -> Option<Step> {
        let detail = self.changed(id);
        self.find(rule, id, &[], detail, fixes);
        None
    }

    /// A shape that is its only part, as bytes go.
    fn wrapper(&mut self, id: StepId, stored: NodeId, new: NodeId) -> Step {
        let step = self.child(id, stored, new, &[]);
        Step::Record(crate::resolve::RecordStep {
            sources: vec![ShapeId::of(stored)],
            targets: vec![crate::resolve::Target::From { source: 0, step }],
        })
    }

    fn tuples(&mut self, id: StepId, stored: &[NodeId], new: &[NodeId]) -> Option<Step> {
        if stored.len() != new.len() {
            return self.report(id, &rules::TUPLE_ARITY_CHANGED, vec![]);
        }
        let targets = stored
            .iter()
            .zip(new)
            .enumerate()
            .map(|(source, (stored, new))| {
                let step = self.child(id, *stored, *new, &[PathSegment::Index(source)]);
                crate::resolve::Target::From { source, step }
            })
            .collect();
        let sources = stored.iter().copied().map(ShapeId::of).collect();
        Some(Step::Record(crate::resolve::RecordStep { sources, targets }))
    }

    fn one_tuple(&mut self, id: StepId, stored: NodeId, new: NodeId) -> Option<Step> {
        let (stored_name, new_name) = self.names(id);
        let same = same_layout(self.stored_schema(), stored, self.new_schema(), new);
        let integers = self.stored.configuration().integers == self.new.configuration().integers;
        let bytes = match same && integers {
            true => "the element is the same and the bytes are equal; only the wrapper changed",
            false => "the element differs as well",
        };
        let detail = format!("`{stored_name}` was stored, `{new_name}` is used now");
        let mut fixes = vec![Fix::new(format!("keep the stored type `{}`", rust_type(&stored_name)))];
        if self.zone == crate::resolve::role::Zone::Fixed {
            fixes.push(Fix::rekey(if same && integers {
                "re-key the savepoint offline; the bytes are equal, so only metadata is rewritten"
            } else {
                "re-key the savepoint offline, then restore from the result"
            }));
            fixes.push(Fix::new("start empty: give the operator another uid"));
        }
        self.find(&rules::TUPLE_VS_CONCRETE, id, &[], detail, fixes);
        self.note_as_well(bytes);
        None
    }

    fn newtype(&mut self, id: StepId, name: &str, stored: bool) -> Option<Step> {
        let fix = if stored {
            Fix::new(format!("keep the newtype `{name}`"))
        } else {
            Fix::code(
                format!("declare that `{name}` is stored as what is inside it"),
                format!("#[state(transparent)]\nstruct {}(..);", written(name)),
            )
        };
        self.report(id, &rules::NEWTYPE_VS_INNER, vec![fix])
    }

    /// Whether a stored wrapper stands around an option, and the new option does not hold such a wrapper itself.
    fn unwraps(&self, wrapped: &[NodeId], id: StepId) -> bool {
        let pair = self.pair(id);
        wraps_option(self.stored_schema(), (pair.stored, wrapped), self.new_schema(), pair.new)
    }

    /// Whether a new wrapper stands around an option, and the stored option does not hold such a wrapper itself.
    fn wraps_anew(&self, wrapped: &[NodeId], id: StepId) -> bool {
        let pair = self.pair(id);
        wraps_option(self.new_schema(), (pair.new, wrapped), self.stored_schema(), pair.stored)
    }

    /// Whether these parts of a new element may take no bytes in all.
    pub(super) fn may_be_empty(&self, parts: &[NodeId]) -> bool {
        let integers = self.new.configuration().integers;
        let sizes = self.new_schema().sizes();
        parts.iter().all(|part| sizes[part.index()].under(integers).min == 0)
    }

    /// Whether a new option is nothing but options, for ever: no stored value can become one that ends in itself.
    fn never_ends(&self, option: NodeId) -> bool {
        let mut met = HashSet::new();
        let mut at = option;
        while let Node::Option(inner) = self.new_schema().node(at) {
            if !met.insert(at) {
                return true;
            }
            at = *inner;
        }
        false
    }

    /// Whether a new field is so much like a stored one that the one may be the other under a new name.
    pub(super) fn looks_alike(&self, stored: NodeId, new: NodeId) -> bool {
        /// Who has more than this to compare does not guess.
        const MOST: usize = 64;
        same_layout_within((self.stored_schema(), stored), (self.new_schema(), new), &mut { MOST }).unwrap_or(false)
    }

    fn is_u8(&self, id: NodeId) -> bool {
        matches!(self.new_schema().node(id), Node::Primitive(Primitive::U8))
    }
}

/// Whether these are the fields of a newtype around such a node.
fn wraps(schema: &Schema, fields: &[Field], other: &Node) -> bool {
    inside(fields).is_some_and(|inner| alike(schema, inner, other))
}

/// What is inside, if these are the fields of a newtype.
fn inside(fields: &[Field]) -> Option<NodeId> {
    match fields {
        [field] if field.name == "0" => Some(field.node),
        _ => None,
    }
}

/// Whether a wrapper stands around an option, and the option on the other side ends in nothing like that wrapper: a
/// `(Option<T>,)` that became `Option<(Option<T>,)>` is the same value as before, made optional.
fn wraps_option(schema: &Schema, wrapper: (NodeId, &[NodeId]), other: &Schema, option: NodeId) -> bool {
    let [inner] = wrapper.1 else { return false };
    if !matches!(schema.node(*inner), Node::Option(_)) {
        return false;
    }
    let mut met = HashSet::new();
    let mut at = option;
    while let Node::Option(inner) = other.node(at) {
        if !met.insert(at) {
            return true;
        }
        at = *inner;
    }
    !alike(schema, wrapper.0, other.node(at))
}

/// Whether a wrapped node is of the kind of another one, so that the wrapper is what changed.
fn alike(schema: &Schema, inner: NodeId, other: &Node) -> bool {
    std::mem::discriminant(schema.node(inner)) == std::mem::discriminant(other)
}

/// Whether two nodes unfold to the same tree.
pub(super) fn same_layout(left: &Schema, left_root: NodeId, right: &Schema, right_root: NodeId) -> bool {
    let mut unlimited = usize::MAX;
    same_layout_within((left, left_root), (right, right_root), &mut unlimited).unwrap_or(false)
}

/// Whether two nodes unfold to the same tree; `None` if finding out takes more than `weight`, from which it is taken.
pub(super) fn same_layout_within(
    (left, left_root): (&Schema, NodeId),
    (right, right_root): (&Schema, NodeId),
    weight: &mut usize,
) -> Option<bool> {
    if !same_but_for_children(left.node(left_root), right.node(right_root)) {
        return Some(false);
    }
    let mut known = HashSet::new();
    let mut stack = vec![(left_root, right_root)];
    while let Some((a, b)) = stack.pop() {
        if !known.insert((a, b)) {
            continue;
        }
        let (a, b) = (left.node(a), right.node(b));
        *weight = weight.checked_sub(1 + a.children().count())?;
        if !same_but_for_children(a, b) {
            return Some(false);
        }
        stack.extend(a.children().zip(b.children()));
    }
    Some(true)
}

/// Whether these are leaves that differ, or opaque, perhaps in options and lists.
pub(super) fn is_changed_leaf((left, left_root): (&Schema, NodeId), (right, right_root): (&Schema, NodeId)) -> bool {
    /// How many options and lists may lie around a leaf.
    const AROUND: usize = 8;
    let leaf = |schema: &Schema, root: NodeId| {
        let mut at = root;
        for _ in 0..=AROUND {
            match schema.node(at) {
                Node::Primitive(_) => return Some(false),
                Node::Opaque(_) => return Some(true),
                Node::Option(inner) | Node::List(inner) | Node::NonZero(inner) => at = *inner,
                Node::Array { element, .. } => at = *element,
                _ => return None,
            }
        }
        None
    };
    match (leaf(left, left_root), leaf(right, right_root)) {
        (Some(was_opaque), Some(is_opaque)) => {
            let equal = || same_layout_within((left, left_root), (right, right_root), &mut (4 * AROUND));
            was_opaque || is_opaque || equal() == Some(false)
        }
        _ => false,
    }
}

fn same_but_for_children(left: &Node, right: &Node) -> bool {
    let same_names = |left: &[Field], right: &[Field]| {
        left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left.name == right.name)
    };
    match (left, right) {
        (Node::Primitive(left), Node::Primitive(right)) => left == right,
        (Node::Struct(left), Node::Struct(right)) => {
            left.name == right.name && left.version == right.version && same_names(&left.fields, &right.fields)
        }
        (Node::Enum(left), Node::Enum(right)) => {
            left.name == right.name
                && left.version == right.version
                && left.variants.len() == right.variants.len()
                && left.variants.iter().zip(&right.variants).all(|(left, right)| {
                    left.name == right.name && left.tag == right.tag && same_names(&left.fields, &right.fields)
                })
        }
        (Node::Array { length: left, .. }, Node::Array { length: right, .. }) => left == right,
        (Node::Tuple(left), Node::Tuple(right)) => left.len() == right.len(),
        (Node::Logical(left), Node::Logical(right)) => left.name == right.name && left.parameters == right.parameters,
        (Node::Opaque(left), Node::Opaque(right)) => left == right,
        (Node::Option(_), Node::Option(_))
        | (Node::List(_), Node::List(_))
        | (Node::Set(_), Node::Set(_))
        | (Node::Map { .. }, Node::Map { .. })
        | (Node::NonZero(_), Node::NonZero(_)) => true,
        _ => false,
    }
}

const _: () = assert!(Compatibility::ALL.len() == 4);
