//! Queries of the decoder and the encoder on a schema: the nodes and names of the parts of a container.

use std::sync::Arc;

use super::recursion::Container;
use super::tree::Shape;
use crate::schema::{EnumNode, Field, Node, NodeId, PathSegment, Schema, Size, StructNode};

/// A node behind its logical types, and whether they make a time of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Behind {
    pub(super) id: NodeId,
    pub(super) time: bool,
}

/// The node behind logical types, which have the bytes of their representation.
pub(super) fn behind_logical(schema: &Schema, mut id: NodeId) -> Behind {
    let mut time = false;
    // Logical types cannot contain themselves without anything between, so this ends.
    while let Node::Logical(node) = schema.node(id) {
        id = node.representation;
        time = schema.time_parts(node).is_some();
    }
    Behind { id, time }
}

/// A part of a container by its index; keys and values of a map alternate. `variant` is the index of the variant in an
/// enum.
pub(super) fn part(node: &Node, variant: usize, place: usize) -> Option<NodeId> {
    match node {
        Node::Struct(node) => node.fields.get(place).map(|field| field.node),
        Node::Enum(node) => node.variants.get(variant)?.fields.get(place).map(|field| field.node),
        Node::Option(inner) => Some(*inner),
        Node::List(element) | Node::Set(element) | Node::Array { element, .. } => Some(*element),
        Node::Map { key, value } => Some(if place.is_multiple_of(2) { *key } else { *value }),
        Node::Tuple(elements) => elements.get(place).copied(),
        Node::Primitive(_) | Node::NonZero(_) | Node::Logical(_) | Node::Opaque(_) => None,
    }
}

/// What a part is called in a path.
pub(super) fn segments(node: &Node, variant: usize, place: usize) -> Vec<PathSegment> {
    let field = |fields: &[Field]| fields.get(place).map(|field| PathSegment::field(&field.name));
    match node {
        Node::Struct(node) => field(&node.fields).into_iter().collect(),
        Node::Enum(node) => {
            let Some(variant) = node.variants.get(variant) else { return Vec::new() };
            std::iter::once(PathSegment::variant(&variant.name)).chain(field(&variant.fields)).collect()
        }
        Node::Option(_) => vec![PathSegment::Some],
        Node::List(_) | Node::Array { .. } => vec![PathSegment::Element],
        Node::Set(_) => vec![PathSegment::SetElement],
        Node::Map { .. } if place.is_multiple_of(2) => vec![PathSegment::MapKey],
        Node::Map { .. } => vec![PathSegment::MapValue],
        Node::Tuple(_) => vec![PathSegment::Index(place)],
        Node::Primitive(_) | Node::NonZero(_) | Node::Logical(_) | Node::Opaque(_) => Vec::new(),
    }
}

/// The container that values of a node are; `None` for leaves.
pub(super) fn container(node: &Node, variant: usize) -> Option<Container> {
    Some(match node {
        Node::Struct(node) => Container::Struct(Arc::new(of_struct(node))),
        Node::Enum(node) => Container::Enum(Arc::new(of_variant(node, variant))),
        Node::Option(_) => Container::Some,
        Node::List(_) => Container::List,
        Node::Set(_) => Container::Set,
        Node::Map { .. } => Container::Map,
        Node::Array { .. } => Container::Array,
        Node::Tuple(_) => Container::Tuple,
        Node::Primitive(_) | Node::NonZero(_) | Node::Logical(_) | Node::Opaque(_) => return None,
    })
}

fn of_struct(node: &StructNode) -> Shape {
    Shape { name: node.name.clone(), variant: None, tag: None, fields: names(&node.fields) }
}

fn of_variant(node: &EnumNode, variant: usize) -> Shape {
    let found = node.variants.get(variant);
    Shape {
        name: node.name.clone(),
        variant: Some(found.map(|variant| variant.name.clone()).unwrap_or_default()),
        tag: found.map(|variant| variant.tag),
        fields: found.map(|variant| names(&variant.fields)).unwrap_or_default(),
    }
}

fn names(fields: &[Field]) -> Vec<String> {
    fields.iter().map(|field| field.name.clone()).collect()
}

/// The type of a node, in the words of a message.
pub(super) fn expected(node: &Node) -> String {
    match node {
        Node::Struct(node) => format!("struct `{}`", node.name),
        Node::Enum(node) => format!("enum `{}`", node.name),
        Node::Array { length, .. } => format!("array of {length}"),
        Node::Tuple(elements) => format!("tuple of {}", elements.len()),
        Node::Opaque(node) => format!("opaque `{}`", node.name),
        other => other.kind().to_owned(),
    }
}

/// Where two keys or elements of a set have the same bytes: the place of the later one.
pub(super) fn duplicate<'b>(keys: &[(usize, usize)], bytes: impl Fn(usize, usize) -> &'b [u8]) -> Option<usize> {
    let mut places: Vec<usize> = (0..keys.len()).collect();
    places.sort_by_key(|place| {
        let (start, end) = keys[*place];
        (bytes(start, end), *place)
    });
    let same = |pair: &&[usize]| {
        let [(a, b), (c, d)] = [keys[pair[0]], keys[pair[1]]];
        bytes(a, b) == bytes(c, d)
    };
    places.windows(2).filter(same).map(|pair| pair[1]).min()
}

/// Whether a container is an indirection for certain: a collection whose elements are not of one known size.
pub(super) fn counts(node: &Node, sizes: &[Size]) -> bool {
    match node {
        Node::List(element) | Node::Set(element) => !sizes[element.index()].exact,
        Node::Map { key, value } => !(sizes[key.index()].exact && sizes[value.index()].exact),
        _ => false,
    }
}
