//! Compares a pair of nodes and selects the rule.

use std::collections::HashSet;

use super::layouts::{same_layout, same_layout_within};
use super::walker::Walker;
use crate::resolve::as_rust::rust_type;
use crate::resolve::fix::{Fix, Kept, Site};
use crate::resolve::plan::{RecordStep, ShapeId, Step, StepId, Target};
use crate::resolve::role::Zone;
use crate::resolve::rules::{self, Rule};
use crate::schema::{Field, LogicalNode, Node, NodeId, PathSegment, Primitive, Schema, logical};

/// How many logical types and options around each other are looked through.
const MOST_AROUND: usize = 16;

impl<'a> Walker<'a> {
    /// Compares the nodes of a pair: reports what changed, and says how values are migrated, if they can be.
    pub(super) fn compare(&mut self, id: StepId) -> Option<Step> {
        let (stored, new) = self.nodes(id);
        if id == StepId(0) && self.root_was_converted() {
            return None;
        }
        let declared = self.new.hints()[self.pair(id).new.index()].was();
        if let Some(step) = self.was(id, declared) {
            return step;
        }
        if let Some(step) = self.migrated_kind(id) {
            return step;
        }
        match (stored, new) {
            (&Node::Primitive(stored), &Node::Primitive(new)) => self.primitives(id, stored, new),
            (Node::Struct(stored), Node::Struct(new)) => self.structs(id, stored, new),
            (Node::Enum(stored), Node::Enum(new)) => self.enums(id, stored, new),
            (Node::Option(_), _) | (_, Node::Option(_)) => self.options(id, stored, new),
            (&Node::Primitive(Primitive::String), &Node::List(element)) if self.is_u8(element) => {
                self.report(id, &rules::STRING_TO_BYTES, vec![]);
                Some(Step::Same(ShapeId::of(self.pair(id).stored)))
            }
            (
                Node::List(_) | Node::Set(_) | Node::Map { .. } | Node::Array { .. },
                Node::List(_) | Node::Set(_) | Node::Map { .. } | Node::Array { .. },
            ) => self.collections(id, stored, new),
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
            (Node::Logical(stored), Node::Logical(new)) => self.logicals(id, stored, new),
            (Node::Opaque(stored), Node::Opaque(new)) => self.opaques(id, stored, new),
            _ => self.different_kinds(id, stored, new),
        }
    }

    /// A pair with an option on at least one side.
    fn options(&mut self, id: StepId, stored: &'a Node, new: &'a Node) -> Option<Step> {
        match (stored, new) {
            (&Node::Option(stored), &Node::Option(new)) => {
                Some(Step::Option(self.child(id, stored, new, &[PathSegment::Some])))
            }
            // What is wrapped may be an option itself; then the wrapper is what changed.
            (Node::Tuple(stored), &Node::Option(_)) if self.unwraps(stored, id) => {
                self.one_tuple(id, stored[0], self.pair(id).new)
            }
            (&Node::Option(_), Node::Tuple(new)) if self.wraps_newly(new, id) => {
                self.one_tuple(id, self.pair(id).stored, new[0])
            }
            (Node::Struct(stored), &Node::Option(_)) if self.unwraps(inside(&stored.fields).as_slice(), id) => {
                self.newtype(id, &stored.name, true)
            }
            (&Node::Option(_), Node::Struct(new)) if self.wraps_newly(inside(&new.fields).as_slice(), id) => {
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
            _ => self.unwrapped_option(id, stored, new),
        }
    }

    /// A stored option that is none any more.
    fn unwrapped_option(&mut self, id: StepId, stored: &Node, new: &Node) -> Option<Step> {
        let keep = self.keep(id, Kept::Type(rust_type(&self.names(id).0)));
        let mut fixes: Vec<Fix> = self.none_value(id).into_iter().collect();
        // A value for `None` is the whole repair only where what is within is of the new kind.
        let within = self.within_unwrapped(stored, new);
        fixes.insert(if within.is_some() { fixes.len() } else { 0 }, keep);
        self.report(id, &rules::UNWRAPPED_OPTION, fixes);
        // What is within is compared too, so that one report has all that is to be repaired.
        let first = self.findings.last().and_then(|finding| finding.fixes.first());
        if let (Some(within), Some(Fix::NoneValue { .. } | Fix::NoneValueOfWhole)) = (within, first) {
            self.child(id, within, self.pair(id).new, &[PathSegment::Some]);
        }
        None
    }

    /// What is within a stored option, if it is of the kind of the new node, which is no option.
    pub(super) fn within_unwrapped(&self, stored: &Node, new: &Node) -> Option<NodeId> {
        match stored {
            &Node::Option(within) if alike(self.stored_schema(), within, new) => Some(within),
            _ => None,
        }
    }

    /// Two collections or arrays.
    fn collections(&mut self, id: StepId, stored: &'a Node, new: &'a Node) -> Option<Step> {
        match (stored, new) {
            (&Node::List(stored), &Node::List(new)) => {
                let element = self.child(id, stored, new, &[PathSegment::Element]);
                Some(Step::List { element, distinct: false, empty: self.may_be_empty(&[new]) })
            }
            (&Node::Set(stored), &Node::Set(new)) => {
                let zone = self.pair(id).zone.distinct();
                let element = self.meet(stored, new, zone, Some(id), &[PathSegment::SetElement]);
                Some(Step::List { element, distinct: true, empty: self.may_be_empty(&[new]) })
            }
            (&Node::Set(stored), &Node::List(new)) => {
                self.report(id, &rules::SET_TO_LIST, vec![]);
                let element = self.child(id, stored, new, &[PathSegment::Element]);
                Some(Step::List { element, distinct: false, empty: self.may_be_empty(&[new]) })
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
            _ => self.kind_changed(id),
        }
    }

    fn logicals(&mut self, id: StepId, stored: &LogicalNode, new: &LogicalNode) -> Option<Step> {
        if self.other_logical(stored, new) {
            return self.report(id, &rules::LOGICAL_CHANGED, vec![]);
        }
        Some(self.wrapper(id, stored.representation, new.representation))
    }

    /// Whether two logical types mean different things.
    pub(super) fn other_logical(&self, stored: &LogicalNode, new: &LogicalNode) -> bool {
        let (was, now) = (stored.representation, new.representation);
        // The parts of a time are fixed by its name: what bounds the nanoseconds is not in the layout.
        let is_time = matches!(stored.name.as_str(), logical::DURATION | logical::SYSTEM_TIME);
        stored.name != new.name
            || stored.parameters != new.parameters
            || is_time && !same_layout(self.stored_schema(), was, self.new_schema(), now)
    }

    /// Two nodes of different kinds: one may be a wrapper around the other.
    fn different_kinds(&mut self, id: StepId, stored: &'a Node, new: &'a Node) -> Option<Step> {
        match (stored, new) {
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
            _ => self.kind_changed(id),
        }
    }

    /// Reports what the pair itself shows. Answers `None`, so that a refusal is one line.
    pub(super) fn report(&mut self, id: StepId, rule: &'static Rule, fixes: Vec<Fix>) -> Option<Step> {
        let detail = self.changed(id);
        self.find(rule, id, &[], detail, fixes);
        None
    }

    /// A shape that is its only part, as bytes go.
    fn wrapper(&mut self, id: StepId, stored: NodeId, new: NodeId) -> Step {
        let step = self.child(id, stored, new, &[]);
        Step::Record(RecordStep { sources: vec![ShapeId::of(stored)], targets: vec![Target::From { source: 0, step }] })
    }

    fn tuples(&mut self, id: StepId, stored: &[NodeId], new: &[NodeId]) -> Option<Step> {
        if stored.len() != new.len() {
            let fixes = self
                .offer_same_bytes(id)
                .map(|fix| vec![fix, self.keep(id, Kept::AsRule(rules::TUPLE_ARITY_CHANGED.help))]);
            return self.report(id, &rules::TUPLE_ARITY_CHANGED, fixes.unwrap_or_default());
        }
        let targets = stored
            .iter()
            .zip(new)
            .enumerate()
            .map(|(source, (stored, new))| {
                let step = self.child(id, *stored, *new, &[PathSegment::Index(source)]);
                Target::From { source, step }
            })
            .collect();
        let sources = stored.iter().copied().map(ShapeId::of).collect();
        Some(Step::Record(RecordStep { sources, targets }))
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
        let mut fixes: Vec<Fix> = self.offer_same_bytes(id).into_iter().collect();
        fixes.push(self.keep(id, Kept::Wrapping(rust_type(&stored_name))));
        if self.zone == Zone::Fixed {
            fixes.extend(self.rekey(same && integers));
            fixes.push(Fix::OtherUid);
        }
        self.find(&rules::TUPLE_VS_CONCRETE, id, &[], detail, fixes);
        self.note_as_well(bytes);
        None
    }

    fn newtype(&mut self, id: StepId, name: &str, stored: bool) -> Option<Step> {
        let fixes = match stored {
            true => {
                let keep = self.keep(id, Kept::Newtype(name.to_owned()));
                std::iter::once(keep).chain(self.offer_same_bytes(id)).collect()
            }
            false => {
                let pair = self.pair(id);
                let transparent = Fix::Transparent { site: Site::of_type(pair.new), name: name.to_owned() };
                let keep = self.keep(id, Kept::Wrapping(rust_type(&self.names(id).0)));
                let inner = match self.new_schema().node(pair.new) {
                    Node::Struct(node) => inside(&node.fields),
                    _ => None,
                };
                let is_same = inner.is_some_and(|inner| {
                    let is_primitive = matches!(self.new_schema().node(inner), Node::Primitive(_));
                    is_primitive && pair.zone == Zone::Free || self.looks_alike(pair.stored, inner)
                });
                match inner {
                    _ if is_same => vec![transparent],
                    Some(inner) if self.wraps_again(pair.stored, inner) => vec![keep],
                    _ => vec![keep, transparent],
                }
            }
        };
        self.report(id, &rules::NEWTYPE_VS_INNER, fixes)
    }

    /// Whether what is in a newtype is a logical type or new option of another newtype, so that one that is stored as its
    /// field shows the other at the same place.
    fn wraps_again(&self, mut stored: NodeId, mut new: NodeId) -> bool {
        for _ in 0..MOST_AROUND {
            match (self.stored_schema().node(stored), self.new_schema().node(new)) {
                (Node::Logical(was), Node::Logical(now)) => {
                    (stored, new) = (was.representation, now.representation);
                }
                (Node::Option(_), Node::Option(_)) => return false,
                (_, &Node::Option(inner)) => new = inner,
                (Node::Struct(_), Node::Struct(_)) => return false,
                (_, Node::Struct(node)) => return inside(&node.fields).is_some(),
                _ => return false,
            }
        }
        false
    }

    /// To declare what a stored `None` becomes, where a field holds the option.
    fn none_value(&self, id: StepId) -> Option<Fix> {
        let whole = (id == StepId(0)).then_some(Fix::NoneValueOfWhole);
        let of_field = |site| Fix::NoneValue { site, declaration: self.declaration(site), more: Vec::new() };
        self.site_of(id).map(of_field).or(whole)
    }

    /// Whether a stored wrapper contains an option, and the new option does not contain such a wrapper.
    fn unwraps(&mut self, wrapped: &[NodeId], id: StepId) -> bool {
        let pair = self.pair(id).clone();
        if !wraps_option(self.stored_schema(), (pair.stored, wrapped), self.new_schema(), pair.new) {
            return false;
        }
        // A function may take the wrapper itself, or a type may have been the wrapper, with the same bytes.
        let end = ends(self.new_schema(), pair.new);
        !end.is_some_and(|end| self.has_functions_for(id, end) || self.is_declared_as_was(id, end))
    }

    /// Whether a new wrapper contains an option, and the stored option does not contain such a wrapper.
    fn wraps_newly(&self, wrapped: &[NodeId], id: StepId) -> bool {
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
        ends(self.new_schema(), option).is_none()
    }

    /// Whether a new field is so much like a stored one that the one may be the other under a new name.
    pub(super) fn looks_alike(&self, stored: NodeId, new: NodeId) -> bool {
        /// Beyond this, no guess is made.
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
pub(super) fn inside(fields: &[Field]) -> Option<NodeId> {
    match fields {
        [field] if field.name == "0" => Some(field.node),
        _ => None,
    }
}

/// Whether a wrapper contains an option, and the option on the other side does not end in such a wrapper: a
/// `(Option<T>,)` that became `Option<(Option<T>,)>` is the same value as before, made optional.
fn wraps_option(schema: &Schema, wrapper: (NodeId, &[NodeId]), other: &Schema, option: NodeId) -> bool {
    let [inner] = wrapper.1 else { return false };
    if !matches!(schema.node(*inner), Node::Option(_)) {
        return false;
    }
    ends(other, option).is_none_or(|end| !alike(schema, wrapper.0, other.node(end)))
}

/// What is inside all options, if that is not another option.
fn ends(schema: &Schema, option: NodeId) -> Option<NodeId> {
    let mut met = HashSet::new();
    let mut at = option;
    while let Node::Option(inner) = schema.node(at) {
        if !met.insert(at) {
            return None;
        }
        at = *inner;
    }
    Some(at)
}

/// Whether a wrapped node is of the kind of another one, so that the wrapper is what changed.
fn alike(schema: &Schema, inner: NodeId, other: &Node) -> bool {
    std::mem::discriminant(schema.node(inner)) == std::mem::discriminant(other)
}
