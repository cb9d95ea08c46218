//! The snapshots whose stored forms are recorded in `golden/`. Never edit one; add another.

use typeser::SerializerSnapshot;
use typeser::schema::{
    EnumNode, Field, IntegerEncoding, LogicalNode, Node, NodeId, OpaqueNode, Primitive, Schema, StructNode, Variant,
};
use typeser::snapshot::{
    Configuration, ConversionHint, NodeHints, OpaqueHints, OpaqueMigration, RemovedVariant, TypeMigration,
};

/// All of them by name.
#[must_use]
pub fn snapshots() -> Vec<(&'static str, SerializerSnapshot)> {
    vec![
        ("integer", integer()),
        ("order", order()),
        ("every-kind", every_kind()),
        ("recursive", recursive()),
        ("odd-names", odd_names()),
    ]
}

/// The smallest possible snapshot.
#[must_use]
pub fn integer() -> SerializerSnapshot {
    snapshot("u64", 1, IntegerEncoding::Fixed, vec![Node::Primitive(Primitive::U64)], |_| {})
}

/// A struct with a renamed field and one that was added: the example of `docs/format.md`.
#[must_use]
pub fn order() -> SerializerSnapshot {
    let nodes = vec![
        structure("Order", 2, &[("id", 1), ("items", 2), ("paid", 5)]),
        Node::Primitive(Primitive::U64),
        Node::List(NodeId::new(3)),
        structure("Item", 1, &[("sku", 4), ("count", 1)]),
        Node::Primitive(Primitive::String),
        Node::Primitive(Primitive::Bool),
    ];
    snapshot("Order", 2, IntegerEncoding::Fixed, nodes, |hints| {
        let NodeHints::Struct(order) = &mut hints[0] else { return };
        order.record.removed = vec!["weight".to_owned()];
        order.record.fields[0].aliases = vec!["number".to_owned()];
        order.record.fields[2].default = Some(vec![1]);
    })
}

/// Every kind of node, every primitive, every hint.
#[must_use]
pub fn every_kind() -> SerializerSnapshot {
    let mut nodes = vec![Node::Primitive(Primitive::Unit); 14];
    // Numbered depth-first: each kind uses the next primitive, the remaining ones are at the end of the tuple.
    let leaf = |nodes: &mut Vec<Node>, primitive| {
        nodes.push(Node::Primitive(primitive));
        nodes.len() as u32 - 1
    };
    let leaves: Vec<u32> = Primitive::ALL.iter().map(|primitive| leaf(&mut nodes, *primitive)).collect();
    let of = |primitive: Primitive| NodeId::new(leaves[primitive as usize]);
    nodes[0] = structure(
        "Every",
        7,
        &[("choice", 1), ("option", 2), ("list", 3), ("set", 4), ("map", 5), ("array", 6), ("rest", 7)],
    );
    nodes[1] = Node::Enum(EnumNode {
        name: "Choice".to_owned(),
        version: 3,
        variants: vec![
            Variant { name: "Nothing".to_owned(), tag: 0, fields: Vec::new() },
            Variant {
                name: "Number".to_owned(),
                tag: 300,
                fields: vec![field("0", of(Primitive::U8).number()), field("1", 8)],
            },
        ],
    });
    nodes[2] = Node::Option(of(Primitive::U16));
    nodes[3] = Node::List(of(Primitive::U32));
    nodes[4] = Node::Set(of(Primitive::I8));
    nodes[5] = Node::Map { key: of(Primitive::Char), value: NodeId::new(9) };
    nodes[6] = Node::Array { element: of(Primitive::F32), length: 4 };
    nodes[7] = Node::Tuple(
        [10, 11, 12, 13].into_iter().map(NodeId::new).chain(leaves.iter().copied().map(NodeId::new)).collect(),
    );
    nodes[8] = Node::NonZero(of(Primitive::I128));
    nodes[9] = Node::Logical(LogicalNode {
        name: "decimal".to_owned(),
        parameters: vec![("precision".to_owned(), "38".to_owned()), ("scale".to_owned(), "2".to_owned())],
        representation: of(Primitive::I128),
    });
    nodes[10] = opaque("Blob", 2, true);
    nodes[11] = opaque("Raw", 1, false);
    nodes[12] = Node::Tuple(vec![of(Primitive::F64)]);
    nodes[13] = Node::Tuple(Vec::new());
    let source = Schema::new(vec![structure("Old", 1, &[("metres", 1)]), Node::Primitive(Primitive::F64)]).unwrap();
    let number = Schema::new(vec![Node::Primitive(Primitive::U32)]).unwrap();
    snapshot("Every", 7, IntegerEncoding::Variable, nodes, |hints| {
        for hints in hints {
            match hints {
                NodeHints::None => {}
                NodeHints::Struct(every) => {
                    every.aliases = vec!["All".to_owned(), "Each one".to_owned()];
                    every.migrations = vec![
                        TypeMigration { from: 5, id: "every::from_v5".to_owned(), source: Some(source.clone()) },
                        TypeMigration { from: 6, id: "from-v6".to_owned(), source: None },
                    ];
                    every.record.removed = vec!["gone".to_owned()];
                    every.record.fields[1].aliases = vec!["maybe".to_owned()];
                    every.record.fields[1].default = Some(Vec::new());
                    every.record.fields[2].none = Some(vec![0]);
                    every.record.fields[2].conversions = vec![
                        ConversionHint { id: "parse".to_owned(), injective: true, source: number.clone() },
                        ConversionHint { id: "feet".to_owned(), injective: false, source: source.clone() },
                    ];
                }
                NodeHints::Enum(choice) => {
                    choice.aliases = vec!["Selection".to_owned()];
                    choice.migrations =
                        vec![TypeMigration { from: 2, id: "choice".to_owned(), source: Some(number.clone()) }];
                    choice.removed = vec![
                        RemovedVariant { name: "Never".to_owned(), becomes: None },
                        RemovedVariant { name: "Twice".to_owned(), becomes: Some(vec![0x2c, 0x01]) },
                    ];
                    choice.fallback = Some("Nothing".to_owned());
                    choice.variants[0].aliases = vec!["None".to_owned()];
                    choice.variants[1].record.removed = vec!["2".to_owned()];
                    choice.variants[1].record.fields[0].default = Some(vec![0xff]);
                }
                NodeHints::Opaque(opaque) => {
                    *opaque = OpaqueHints {
                        canonical: true,
                        reads: vec![1, 4],
                        migrates: vec![OpaqueMigration { from: 0, id: "blob".to_owned() }],
                    };
                }
            }
        }
    })
}

/// A tree through a list, and a list that contains only itself.
#[must_use]
pub fn recursive() -> SerializerSnapshot {
    let nodes = vec![
        Node::Tuple(vec![NodeId::new(1), NodeId::new(4)]),
        Node::Enum(EnumNode {
            name: "Tree".to_owned(),
            version: 1,
            variants: vec![
                Variant { name: "Leaf".to_owned(), tag: 0, fields: vec![field("0", 2)] },
                Variant { name: "Branch".to_owned(), tag: 1, fields: vec![field("children", 3)] },
            ],
        }),
        Node::Primitive(Primitive::I64),
        Node::List(NodeId::new(1)),
        Node::List(NodeId::new(4)),
    ];
    snapshot("(Tree, [..])", 1, IntegerEncoding::Fixed, nodes, |_| {})
}

/// Names that look like syntax, two types of the same name, and one that differs only in its hints.
#[must_use]
pub fn odd_names() -> SerializerSnapshot {
    let nodes = vec![
        Node::Tuple((1..=9).map(NodeId::new).collect()),
        structure("Item", 1, &[]),
        structure("Item", 2, &[]),
        structure("Item", 2, &[]),
        structure("u64", 1, &[("list", 10)]),
        structure("list", 1, &[("a b", 10)]),
        structure("Item#2", 1, &[("\"quoted\"", 10), ("back\\slash", 10)]),
        structure("$1", 1, &[("two\nlines", 10)]),
        structure("", 1, &[("", 10), ("naïve", 10), ("日本", 10), ("\u{202e}", 10), ("\u{1f980}", 10)]),
        structure("@alias", 1, &[("@default", 10)]),
        Node::Primitive(Primitive::U64),
    ];
    snapshot("odd\n\"names\"", 1, IntegerEncoding::Fixed, nodes, |hints| {
        let NodeHints::Struct(second) = &mut hints[2] else { return };
        second.aliases = vec!["opaque".to_owned()];
    })
}

fn snapshot(
    name: &str,
    version: u32,
    integers: IntegerEncoding,
    nodes: Vec<Node>,
    hint: impl FnOnce(&mut [NodeHints]),
) -> SerializerSnapshot {
    let (schema, _) = Schema::numbered(nodes, NodeId::ROOT).unwrap();
    let mut hints: Vec<NodeHints> = schema.nodes().iter().map(NodeHints::empty).collect();
    hint(&mut hints);
    SerializerSnapshot::new(name.to_owned(), version, Configuration { integers }, schema, hints).unwrap()
}

fn structure(name: &str, version: u32, fields: &[(&str, u32)]) -> Node {
    let fields = fields.iter().map(|(name, node)| field(name, *node)).collect();
    Node::Struct(StructNode { name: name.to_owned(), version, fields })
}

fn field(name: &str, node: u32) -> Field {
    Field { name: name.to_owned(), node: NodeId::new(node) }
}

fn opaque(name: &str, version: u32, framed: bool) -> Node {
    Node::Opaque(OpaqueNode { name: name.to_owned(), version, framed })
}
