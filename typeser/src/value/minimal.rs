//! The smallest value of every node of a schema, found without recursing, so that recursive types end.

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::tree::{Record, Shape, Value};
use crate::schema::{EnumNode, Field, Node, NodeId, Primitive, Schema};

/// The parts of a value with their counts.
pub(crate) type Parts = Vec<(NodeId, u64)>;

/// The highest cost of a value, in parts and bytes, to be worth showing.
const MOST: u64 = 4096;

/// What a part weighs without its name, about the bytes of its text.
const PART: usize = 32;

/// Which nodes have a smallest value that can be made, and which variant of each enum has it.
#[derive(Debug)]
pub(crate) struct Minimal<'a> {
    schema: &'a Schema,
    /// By node; `None` where no value can be made, as of opaque leaves.
    best: Vec<Option<Best>>,
    /// How much may still be made: [`PART`] for each part, and the bytes of its name.
    left: Cell<usize>,
}

#[derive(Debug, Clone, Copy)]
struct Best {
    cost: u64,
    variant: usize,
}

/// One way to make a value of a node: of an enum, one for each variant.
struct Way {
    node: NodeId,
    variant: usize,
    /// What is known of its cost so far.
    cost: u64,
    /// How many parts are not known yet.
    missing: usize,
}

impl<'a> Minimal<'a> {
    /// Settles nodes from the cheapest up (Knuth's generalisation of Dijkstra's algorithm): what contains itself is
    /// only ever made of what was settled before it.
    pub(crate) fn of(schema: &'a Schema) -> Self {
        let mut ways: Vec<Way> = Vec::new();
        let mut users: Vec<Vec<(usize, u64)>> = vec![Vec::new(); schema.len()];
        let mut ready = BinaryHeap::new();
        for node in schema.ids() {
            for (variant, cost, parts) in ways_of(schema.node(node)) {
                let way = ways.len();
                parts.iter().for_each(|(part, times)| users[part.index()].push((way, *times)));
                if parts.is_empty() {
                    ready.push(Reverse((cost, way)));
                }
                ways.push(Way { node, variant, cost, missing: parts.len() });
            }
        }
        let mut best: Vec<Option<Best>> = vec![None; schema.len()];
        while let Some(Reverse((cost, way))) = ready.pop() {
            let Way { node, variant, .. } = ways[way];
            if best[node.index()].is_some() {
                continue;
            }
            best[node.index()] = Some(Best { cost, variant });
            for (user, times) in &users[node.index()] {
                let way = &mut ways[*user];
                way.cost = way.cost.saturating_add(cost.saturating_mul(*times));
                way.missing -= 1;
                if way.missing == 0 {
                    ready.push(Reverse((way.cost, *user)));
                }
            }
        }
        Self { schema, best, left: Cell::new(usize::MAX) }
    }

    /// The same, with a bound to all values together that are made from now on: about the bytes of their text.
    pub(crate) fn within(self, weight: usize) -> Self {
        self.left.set(weight);
        self
    }

    pub(crate) fn schema(&self) -> &'a Schema {
        self.schema
    }

    /// The smallest value of a node.
    pub(crate) fn value(&self, id: NodeId) -> Option<Value> {
        self.value_of(id, self.best[id.index()]?.variant)
    }

    /// The smallest value of an enum that is of this variant; of any other node, the smallest at all.
    pub(crate) fn value_of(&self, id: NodeId, variant: usize) -> Option<Value> {
        let leaf = &mut |leaf: Leaf| if leaf.nonzero { integer(leaf.primitive, 1) } else { Some(zero(leaf.primitive)) };
        self.built(id, &[Choice { variant, filled: false, part: None }], leaf)
    }

    /// The smallest value that makes these choices on one way down from its top, out of these leaves.
    pub(crate) fn built(
        &self,
        id: NodeId,
        way: &[Choice],
        leaf: &mut dyn FnMut(Leaf) -> Option<Value>,
    ) -> Option<Value> {
        let mut stack = vec![self.begun(id, way, Some(0), false)?];
        loop {
            let top = stack.last_mut()?;
            if let Some((nth, part)) = top.next_part() {
                let depth = top.depth.filter(|depth| way.get(*depth).is_some_and(|choice| choice.part == Some(nth)));
                let logical = top.logical || matches!(self.schema.node(top.node), Node::Logical(_));
                let made = self.begun(part, way, depth.map(|depth| depth + 1), logical)?;
                stack.push(made);
                continue;
            }
            let made = stack.pop()?;
            let value = self.put_together(made, leaf)?;
            match stack.last_mut() {
                Some(above) => above.made.push(value),
                None => return Some(value),
            }
        }
    }

    fn begun(&self, node: NodeId, way: &[Choice], depth: Option<usize>, logical: bool) -> Option<Made> {
        let choice = depth.and_then(|depth| way.get(depth));
        let variant = match choice {
            Some(choice) => choice.variant,
            None => self.best[node.index()]?.variant,
        };
        let parts = match choice {
            Some(choice) if choice.filled => filled_parts(self.schema.node(node)),
            _ => parts_of(self.schema.node(node), variant),
        };
        if self.cost(&parts)? > MOST {
            return None;
        }
        self.left.set(self.left.get().checked_sub(PART + names(self.schema.node(node), variant))?);
        Some(Made { node, variant, parts, place: 0, before: 0, made: Vec::new(), depth, logical })
    }

    fn put_together(&self, made: Made, leaf: &mut dyn FnMut(Leaf) -> Option<Value>) -> Option<Value> {
        let logical = made.logical;
        match self.schema.node(made.node) {
            Node::NonZero(inner) => match self.schema.node(*inner) {
                Node::Primitive(primitive) => leaf(Leaf { primitive: *primitive, nonzero: true, logical }),
                _ => None,
            },
            Node::Primitive(primitive) => leaf(Leaf { primitive: *primitive, nonzero: false, logical }),
            node => value(node, made.variant, made.made),
        }
    }

    fn cost(&self, parts: &[(NodeId, u64)]) -> Option<u64> {
        parts.iter().try_fold(0u64, |cost, (part, times)| {
            let part = self.best[part.index()]?.cost;
            Some(cost.saturating_add(part.saturating_mul(*times)))
        })
    }
}

/// A value under construction, with its finished parts.
struct Made {
    node: NodeId,
    variant: usize,
    parts: Parts,
    /// The part that is being made, by its place in `parts`, and how many are made of those before it.
    place: usize,
    before: u64,
    made: Vec<Value>,
    /// How far down the way of choices it is, if it is on it.
    depth: Option<usize>,
    /// Whether it is a part of a logical type.
    logical: bool,
}

/// The choices for a node on the path to a part.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice {
    /// The variant, of an enum.
    pub(crate) variant: usize,
    /// Whether an option is `Some`, and a collection has one element.
    pub(crate) filled: bool,
    /// The part that the way goes on through.
    pub(crate) part: Option<usize>,
}

/// A leaf that is to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Leaf {
    /// Its type.
    pub(crate) primitive: Primitive,
    /// Whether it is never zero.
    pub(crate) nonzero: bool,
    /// Whether it is a part of a logical type, which may not have every value.
    pub(crate) logical: bool,
}

impl Made {
    /// The part that is next to be made, and its index.
    fn next_part(&mut self) -> Option<(usize, NodeId)> {
        let count = self.made.len();
        loop {
            let (part, times) = *self.parts.get(self.place)?;
            let end = self.before.saturating_add(times);
            if (count as u64) < end {
                return Some((count, part));
            }
            (self.place, self.before) = (self.place + 1, end);
        }
    }
}

/// The bytes of the names in a value of a node.
fn names(node: &Node, variant: usize) -> usize {
    let of_fields = |fields: &[Field]| fields.iter().map(|field| field.name.len()).sum::<usize>();
    match node {
        Node::Struct(node) => node.name.len() + of_fields(&node.fields),
        Node::Enum(node) => {
            let of_variant = node.variants.get(variant).map(|variant| variant.name.len() + of_fields(&variant.fields));
            // Those who make it search for the variant.
            node.name.len() + of_variant.unwrap_or_default() + node.variants.len()
        }
        _ => 0,
    }
}

/// The ways to construct a value: variant, cost without its parts, and parts with their counts.
fn ways_of(node: &Node) -> Vec<(usize, u64, Parts)> {
    match node {
        Node::Opaque(_) => Vec::new(),
        Node::Enum(node) => {
            (0..node.variants.len()).map(|variant| (variant, 5, variant_parts(node, variant))).collect()
        }
        Node::Primitive(_) | Node::NonZero(_) => vec![(0, 2, Vec::new())],
        node => vec![(0, 2, parts_of(node, 0))],
    }
}

/// The parts of the smallest value of a node; collections and options have none.
pub(crate) fn parts_of(node: &Node, variant: usize) -> Parts {
    match node {
        Node::Struct(node) => fields(&node.fields),
        Node::Enum(node) => variant_parts(node, variant),
        Node::Tuple(elements) => elements.iter().map(|element| (*element, 1)).collect(),
        Node::Array { element, length } if *length > 0 => vec![(*element, *length)],
        Node::Logical(node) => vec![(node.representation, 1)],
        _ => Vec::new(),
    }
}

/// The parts of an option that is `Some` and of a collection with one element; of any other node, none.
pub(crate) fn filled_parts(node: &Node) -> Parts {
    match node {
        Node::Option(inner) | Node::List(inner) | Node::Set(inner) => vec![(*inner, 1)],
        Node::Map { key, value } => vec![(*key, 1), (*value, 1)],
        _ => Vec::new(),
    }
}

fn variant_parts(node: &EnumNode, variant: usize) -> Parts {
    node.variants.get(variant).map(|variant| fields(&variant.fields)).unwrap_or_default()
}

fn fields(fields: &[Field]) -> Parts {
    fields.iter().map(|field| (field.node, 1)).collect()
}

/// The value of a node from its parts.
fn value(node: &Node, variant: usize, parts: Vec<Value>) -> Option<Value> {
    Some(match node {
        Node::Struct(node) => Value::Struct(record((&node.name, None), &node.fields, parts)),
        Node::Enum(node) => {
            let variant = node.variants.get(variant)?;
            Value::Enum(record((&node.name, Some(&variant.name)), &variant.fields, parts))
        }
        Node::Option(_) => Value::Option(parts.into_iter().next().map(Box::new)),
        Node::List(_) => Value::List(parts),
        Node::Set(_) => Value::Set(parts),
        Node::Map { .. } => {
            let mut parts = parts.into_iter();
            Value::Map(parts.next().zip(parts.next()).into_iter().collect())
        }
        Node::Array { .. } => Value::Array(parts),
        Node::Tuple(_) => Value::Tuple(parts),
        Node::Logical(_) => parts.into_iter().next()?,
        Node::Primitive(_) | Node::NonZero(_) | Node::Opaque(_) => return None,
    })
}

fn record((name, variant): (&str, Option<&String>), fields: &[Field], parts: Vec<Value>) -> Record {
    let fields = fields.iter().map(|field| field.name.clone()).collect();
    let shape = Shape { name: name.to_owned(), variant: variant.cloned(), tag: None, fields };
    Record { shape: Arc::new(shape), values: parts.into_boxed_slice() }
}

/// The value of a leaf with the smallest bytes.
pub(crate) fn zero(primitive: Primitive) -> Value {
    match primitive {
        Primitive::Bool => Value::Bool(false),
        Primitive::Char => Value::Char('a'),
        Primitive::String => Value::String(String::new()),
        Primitive::F32 => Value::F32(0.0),
        Primitive::F64 => Value::F64(0.0),
        integer => self::integer(integer, 0).unwrap_or(Value::Unit),
    }
}

/// An integer of this type, if it has the number.
pub(crate) fn integer(primitive: Primitive, number: i128) -> Option<Value> {
    Some(match primitive {
        Primitive::U8 => Value::U8(number.try_into().ok()?),
        Primitive::U16 => Value::U16(number.try_into().ok()?),
        Primitive::U32 => Value::U32(number.try_into().ok()?),
        Primitive::U64 => Value::U64(number.try_into().ok()?),
        Primitive::U128 => Value::U128(number.try_into().ok()?),
        Primitive::I8 => Value::I8(number.try_into().ok()?),
        Primitive::I16 => Value::I16(number.try_into().ok()?),
        Primitive::I32 => Value::I32(number.try_into().ok()?),
        Primitive::I64 => Value::I64(number.try_into().ok()?),
        Primitive::I128 => Value::I128(number),
        _ => return None,
    })
}
