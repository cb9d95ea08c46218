//! Wide structs with known changes: of every fifty fields, one each is renamed, removed, added, moved, made optional,
//! and (if it is an integer) widened.

use std::hint::black_box;

use typeser::SerializerSnapshot;
use typeser::resolve::{Policy, Resolution, Role, resolve};
use typeser::schema::{Field, Node, NodeId, Primitive, Schema, StructNode};
use typeser::snapshot::{Configuration, FieldHints, NodeHints, RecordHints, StructHints};

use crate::race::Contender;

pub const EVOLVED: &str = "evolved";
pub const EQUAL: &str = "equal";
pub const STORED: &str = "stored";

/// Comparing snapshots of 1,000 fields, with changes and without; writing such a snapshot and reading it.
pub fn contenders() -> Vec<Contender<'static>> {
    let new = || Draft::of(1_000).snapshot();
    let (stored, evolved, again) = (new(), Draft::of(1_000).evolved().snapshot(), new());
    let (before, snapshot) = (stored.clone(), new());
    vec![
        Contender::new(EVOLVED, move || drop(black_box(answer(black_box(&stored), black_box(&evolved))))),
        Contender::new(EQUAL, move || drop(black_box(answer(black_box(&before), black_box(&again))))),
        Contender::new(STORED, move || {
            let bytes = black_box(&snapshot).to_bytes().unwrap();
            drop(black_box(SerializerSnapshot::from_bytes(black_box(&bytes)).unwrap()));
        }),
    ]
}

pub fn answer(stored: &SerializerSnapshot, new: &SerializerSnapshot) -> Resolution {
    resolve(stored, new, Role::Value, &Policy::default())
}

/// The types of fields, in rotation.
const TYPES: [Primitive; 6] =
    [Primitive::U64, Primitive::String, Primitive::U32, Primitive::F64, Primitive::Bool, Primitive::I16];

/// A struct under construction: fields with their hints, and the removed names.
#[derive(Default)]
pub struct Draft {
    nodes: Vec<Node>,
    fields: Vec<(Field, FieldHints)>,
    removed: Vec<String>,
}

impl Draft {
    /// This many fields.
    pub fn of(fields: usize) -> Self {
        let mut draft = Self { nodes: vec![Node::Tuple(Vec::new())], ..Self::default() };
        for number in 0..fields {
            let node = draft.node(Node::Primitive(TYPES[number % TYPES.len()]));
            draft.fields.push((Field { name: name(number), node }, FieldHints::default()));
        }
        draft
    }

    fn node(&mut self, node: Node) -> NodeId {
        let place = self.nodes.iter().position(|known| *known == node).unwrap_or_else(|| {
            self.nodes.push(node);
            self.nodes.len() - 1
        });
        NodeId::new(u32::try_from(place).unwrap())
    }

    /// The next release: of every fifty fields, one has each kind of change.
    pub fn evolved(mut self) -> Self {
        let mut added = Vec::new();
        for number in (0..self.fields.len()).rev() {
            match number % 50 {
                7 => {
                    let old = std::mem::replace(&mut self.fields[number].0.name, format!("renamed_{number}"));
                    self.fields[number].1.aliases.push(old);
                }
                23 => {
                    let (field, _) = self.fields.remove(number);
                    self.removed.push(field.name);
                }
                31 => added.push(number),
                37 => self.fields.swap(number, number - 1),
                43 => {
                    let inner = self.fields[number].0.node;
                    self.fields[number].0.node = self.node(Node::Option(inner));
                }
                48 => {
                    let wide = self.node(Node::Primitive(Primitive::U128));
                    if let Node::Primitive(Primitive::U64 | Primitive::U32) =
                        self.nodes[self.fields[number].0.node.index()]
                    {
                        self.fields[number].0.node = wide;
                    }
                }
                _ => {}
            }
        }
        for number in added {
            let node = self.node(Node::Primitive(Primitive::U32));
            let hints = FieldHints { default: Some(vec![1, 0, 0, 0]), ..FieldHints::default() };
            self.fields.insert(number.min(self.fields.len()), (Field { name: format!("added_{number}"), node }, hints));
        }
        self
    }

    /// The snapshot of the struct.
    pub fn snapshot(mut self) -> SerializerSnapshot {
        let (fields, hints) = self.fields.into_iter().unzip();
        self.nodes[0] = Node::Struct(StructNode { name: "Wide".to_owned(), version: 1, fields });
        let record = RecordHints { removed: self.removed, fields: hints };
        let mut root = Some(NodeHints::Struct(StructHints { record, ..StructHints::default() }));
        let (schema, _) = Schema::numbered(self.nodes, NodeId::ROOT).unwrap();
        let hints = schema.nodes().iter().map(|_| root.take().unwrap_or_default()).collect();
        SerializerSnapshot::new("Wide".to_owned(), 1, Configuration::default(), schema, hints).unwrap()
    }
}

fn name(number: usize) -> String {
    const WORDS: [&str; 8] = ["order", "customer", "shipment", "price", "created", "warehouse", "status", "total"];
    format!("{}_{}_{number}", WORDS[number % 8], WORDS[number / 8 % 8])
}
