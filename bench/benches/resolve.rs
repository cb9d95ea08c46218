//! The cost of comparing two snapshots: wide structs that evolved, a struct of common size, equal fingerprints.
//!
//! The layouts are generated with known changes: of every fifty fields, one each is renamed, removed, added, moved,
//! made optional, and (if it is an integer) widened.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use typeser::SerializerSnapshot;
use typeser::resolve::{Compatibility, Policy, Resolution, Role, resolve};
use typeser::schema::{Field, Node, NodeId, Primitive, Schema, StructNode};
use typeser::snapshot::{Configuration, FieldHints, NodeHints, RecordHints, StructHints};

/// The types of fields, in rotation.
const TYPES: [Primitive; 6] =
    [Primitive::U64, Primitive::String, Primitive::U32, Primitive::F64, Primitive::Bool, Primitive::I16];

/// A struct under construction: fields with their hints, and the removed names.
#[derive(Default)]
struct Draft {
    nodes: Vec<Node>,
    fields: Vec<(Field, FieldHints)>,
    removed: Vec<String>,
}

impl Draft {
    fn of(fields: usize) -> Self {
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
    fn evolved(mut self) -> Self {
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

    fn snapshot(mut self) -> SerializerSnapshot {
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

fn resolving(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("resolve");
    for fields in [40, 1_000] {
        let stored = Draft::of(fields).snapshot();
        let evolved = Draft::of(fields).evolved().snapshot();
        let again = Draft::of(fields).snapshot();
        let evolution = answer(&stored, &evolved);
        assert_eq!(evolution.compatibility(), Compatibility::RequiresMigration);
        eprintln!("{fields} fields, evolved: {} findings", evolution.findings().len());
        group.bench_function(format!("{fields} fields, evolved"), |bencher| {
            bencher.iter(|| answer(black_box(&stored), black_box(&evolved)));
        });
        assert_eq!(answer(&stored, &again).findings(), []);
        group.bench_function(format!("{fields} fields, equal fingerprints"), |bencher| {
            bencher.iter(|| answer(black_box(&stored), black_box(&again)));
        });
    }
    group.finish();
}

fn answer(stored: &SerializerSnapshot, new: &SerializerSnapshot) -> Resolution {
    resolve(stored, new, Role::Value, &Policy::default())
}

criterion_group!(benches, resolving);
criterion_main!(benches);
