//! Coverage of samples: an empty list or a `None` leaves everything inside untested.

use std::collections::VecDeque;

use crate::resolve::Role;
use crate::schema::{Field, Node, NodeId, Path, PathSegment, Schema};
use crate::value::Value;

/// What of a schema values have reached between them.
pub(super) struct Coverage<'a> {
    schema: &'a Schema,
    /// By node.
    seen: Vec<Seen>,
}

#[derive(Default, Clone)]
struct Seen {
    /// Whether any value got there.
    reached: bool,
    /// Of an enum, whether a value had the variant; of an option, whether one was `None` and one `Some`; of a
    /// collection, whether one had an element.
    choices: Vec<bool>,
    /// Whether the choices are not the program's own: the inside of an IP address, say.
    excused: bool,
}

/// The places of an option's choices.
const NONE: usize = 0;
const SOME: usize = 1;

impl<'a> Coverage<'a> {
    pub(super) fn of(schema: &'a Schema) -> Self {
        let seen = |node: &Node| Seen {
            choices: match node {
                Node::Enum(node) => vec![false; node.variants.len()],
                Node::Option(_) => vec![false; 2],
                Node::List(_) | Node::Set(_) | Node::Map { .. } => vec![false],
                _ => Vec::new(),
            },
            ..Seen::default()
        };
        let mut seen: Vec<Seen> = schema.nodes().iter().map(seen).collect();
        for node in schema.nodes() {
            if let Node::Logical(logical) = node
                && let Node::Enum(_) = schema.node(logical.representation)
            {
                seen[logical.representation.index()].excused = true;
            }
        }
        Self { schema, seen }
    }

    /// Adds a value that was read by a snapshot of the schema.
    pub(super) fn add(&mut self, value: &Value) {
        let mut open = vec![(NodeId::ROOT, value)];
        while let Some((id, value)) = open.pop() {
            let node = self.schema.node(id);
            let seen = &mut self.seen[id.index()];
            seen.reached = true;
            let mut choose = |choice: usize| {
                if let Some(choice) = seen.choices.get_mut(choice) {
                    *choice = true;
                }
            };
            match (node, value) {
                (Node::Struct(node), Value::Struct(record)) => open.extend(parts(&node.fields, record.fields())),
                (Node::Enum(node), Value::Enum(record)) => {
                    let at = node.variants.iter().position(|one| Some(one.name.as_str()) == record.variant_name());
                    if let Some((at, variant)) = at.and_then(|at| Some((at, node.variants.get(at)?))) {
                        choose(at);
                        open.extend(parts(&variant.fields, record.fields()));
                    }
                }
                (Node::Option(inner), Value::Option(value)) => {
                    choose(if value.is_some() { SOME } else { NONE });
                    open.extend(value.iter().map(|value| (*inner, &**value)));
                }
                (Node::List(inner), Value::List(items)) | (Node::Set(inner), Value::Set(items)) => {
                    if !items.is_empty() {
                        choose(0);
                    }
                    open.extend(items.iter().map(|item| (*inner, item)));
                }
                (Node::Map { key: keys, value: values }, Value::Map(entries)) => {
                    if !entries.is_empty() {
                        choose(0);
                    }
                    open.extend(entries.iter().flat_map(|(key, value)| [(*keys, key), (*values, value)]));
                }
                (Node::Array { element, .. }, Value::Array(items)) => {
                    open.extend(items.iter().map(|item| (*element, item)));
                }
                (Node::Tuple(elements), Value::Tuple(items)) => open.extend(elements.iter().copied().zip(items)),
                (Node::NonZero(inner), value) => open.push((*inner, value)),
                (Node::Logical(logical), value) => open.push((logical.representation, value)),
                _ => {}
            }
        }
    }

    /// How much is reached: it grows with every value that reaches something new.
    pub(super) fn reached(&self) -> usize {
        let choices = self.seen.iter().flat_map(|seen| &seen.choices).filter(|choice| **choice).count();
        choices + self.seen.iter().filter(|seen| seen.reached).count()
    }

    /// What is not reached, the outermost only: what lies inside would be reached with it.
    pub(super) fn missing(&self, role: Role) -> Vec<String> {
        let mut missing = Vec::new();
        let paths = paths(self.schema);
        for (id, seen) in self.schema.ids().zip(&self.seen) {
            if !seen.reached || seen.excused {
                continue;
            }
            let Some(path) = &paths[id.index()] else { continue };
            let at = format!("`{role}{path}`");
            let unseen = |id: NodeId| match self.schema.node(id).is_leaf() {
                true => format!("so no `{}` was written there: add one", self.schema.type_name(id)),
                false => format!("so nothing inside `{}` was written: add one", self.schema.type_name(id)),
            };
            for (choice, _) in seen.choices.iter().enumerate().filter(|(_, is_reached)| !**is_reached) {
                missing.extend(match self.schema.node(id) {
                    Node::Enum(node) => node.variants.get(choice).map(|variant| {
                        format!("no sample has the variant `{}` of `{}` in {at}: add one", variant.name, node.name)
                    }),
                    Node::Option(_) if choice == NONE => Some(format!("no sample has `None` in {at}: add one")),
                    Node::Option(inner) => Some(format!("no sample has `Some` in {at}, {}", unseen(*inner))),
                    Node::List(inner) | Node::Set(inner) => {
                        Some(format!("no sample has an element in {at}, {}", unseen(*inner)))
                    }
                    Node::Map { value, .. } => Some(format!("no sample has an entry in {at}, {}", unseen(*value))),
                    _ => None,
                });
            }
        }
        missing
    }
}

fn parts<'v>(fields: &[Field], values: impl Iterator<Item = (&'v str, &'v Value)>) -> Vec<(NodeId, &'v Value)> {
    fields.iter().zip(values).map(|(field, (_, value))| (field.node, value)).collect()
}

/// The shortest way to each node.
fn paths(schema: &Schema) -> Vec<Option<Path>> {
    let mut paths: Vec<Option<Path>> = vec![None; schema.len()];
    let mut open = VecDeque::from([(NodeId::ROOT, Path::top())]);
    while let Some((id, path)) = open.pop_front() {
        if paths[id.index()].is_some() {
            continue;
        }
        for (segments, child) in steps(schema.node(id)) {
            if paths[child.index()].is_none() {
                open.push_back((child, segments.into_iter().fold(path.clone(), |path, step| path.join(step))));
            }
        }
        paths[id.index()] = Some(path);
    }
    paths
}

fn steps(node: &Node) -> Vec<(Vec<PathSegment>, NodeId)> {
    let fields = |before: &[PathSegment], fields: &[Field]| -> Vec<(Vec<PathSegment>, NodeId)> {
        let step = |field: &Field| {
            let mut steps = before.to_vec();
            steps.push(PathSegment::field(&field.name));
            (steps, field.node)
        };
        fields.iter().map(step).collect()
    };
    match node {
        Node::Primitive(_) | Node::Opaque(_) => Vec::new(),
        Node::Struct(node) => fields(&[], &node.fields),
        Node::Enum(node) => {
            let variants = node.variants.iter();
            variants.flat_map(|variant| fields(&[PathSegment::variant(&variant.name)], &variant.fields)).collect()
        }
        Node::Option(inner) => vec![(vec![PathSegment::Some], *inner)],
        Node::List(inner) | Node::Array { element: inner, .. } => vec![(vec![PathSegment::Element], *inner)],
        Node::Set(inner) => vec![(vec![PathSegment::SetElement], *inner)],
        Node::Map { key, value } => {
            vec![(vec![PathSegment::MapKey], *key), (vec![PathSegment::MapValue], *value)]
        }
        Node::Tuple(elements) => {
            elements.iter().enumerate().map(|(at, element)| (vec![PathSegment::Index(at)], *element)).collect()
        }
        Node::NonZero(inner) => vec![(Vec::new(), *inner)],
        Node::Logical(logical) => vec![(Vec::new(), logical.representation)],
    }
}
