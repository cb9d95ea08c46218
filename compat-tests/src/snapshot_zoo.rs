//! The snapshots whose stored forms are recorded in `golden/`. Never edit one; add another.

use typeser::SerializerSnapshot;
use typeser::schema::{
    EnumNode, Field, IntegerEncoding, LogicalNode, Node, NodeId, OpaqueNode, Primitive, Schema, StructNode, Variant,
};
use typeser::snapshot::{
    Configuration, ConversionHint, NodeHints, OpaqueHints, OpaqueMigration, RemovedVariant, RootHints, Source,
    TypeMigration,
};

/// Those of a version of the format, by name: the ones that need this version.
#[must_use]
pub fn of_version(version: u16) -> Vec<(&'static str, SerializerSnapshot)> {
    match version {
        1 => snapshots(),
        2 => vec![("declared", declared()), ("whole-value", whole_value()), ("ordered-key", ordered_key())],
        _ => Vec::new(),
    }
}

/// All of version 1 by name.
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
    let read = |schema: &Schema| Some(Source::from(schema.clone()));
    snapshot("Every", 7, IntegerEncoding::Variable, nodes, |hints| {
        for hints in hints {
            match hints {
                NodeHints::None => {}
                NodeHints::Struct(every) => {
                    every.aliases = vec!["All".to_owned(), "Each one".to_owned()];
                    every.migrations = vec![
                        TypeMigration {
                            from: 5,
                            id: "every::from_v5".to_owned(),
                            injective: false,
                            exact: false,
                            source: read(&source),
                        },
                        TypeMigration {
                            from: 6,
                            id: "from-v6".to_owned(),
                            injective: false,
                            exact: false,
                            source: None,
                        },
                    ];
                    every.record.removed = vec!["gone".to_owned()];
                    every.record.fields[1].aliases = vec!["maybe".to_owned()];
                    every.record.fields[1].default = Some(Vec::new());
                    every.record.fields[2].none = Some(vec![0]);
                    every.record.fields[2].conversions = vec![
                        ConversionHint { id: "parse".to_owned(), injective: true, source: number.clone().into() },
                        ConversionHint { id: "feet".to_owned(), injective: false, source: source.clone().into() },
                    ];
                }
                NodeHints::Enum(choice) => {
                    choice.aliases = vec!["Selection".to_owned()];
                    choice.migrations = vec![TypeMigration {
                        from: 2,
                        id: "choice".to_owned(),
                        injective: false,
                        exact: false,
                        source: read(&number),
                    }];
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
                        aliases: Vec::new(),
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

/// Everything that a type can declare since version 2.
#[must_use]
pub fn declared() -> SerializerSnapshot {
    let nodes = vec![
        structure("Order", 4, &[("customer", 1), ("total", 2), ("state", 3)]),
        Node::Primitive(Primitive::String),
        Node::Opaque(OpaqueNode {
            name: "money".to_owned(),
            version: 2,
            framed: true,
            parameters: vec![("currency".to_owned(), "EUR".to_owned()), ("scale".to_owned(), "2".to_owned())],
        }),
        Node::Enum(EnumNode {
            name: "State".to_owned(),
            version: 2,
            variants: vec![Variant { name: "Open".to_owned(), tag: 0, fields: vec![field("since", 4)] }],
        }),
        Node::Primitive(Primitive::U64),
    ];
    let plain = |nodes| Schema::new(nodes).unwrap();
    let of_order = plain(vec![
        structure("Order", 3, &[("client", 1), ("paid", 2), ("state", 3)]),
        Node::Primitive(Primitive::String),
        Node::Primitive(Primitive::Bool),
        Node::Enum(EnumNode {
            name: "OldState".to_owned(),
            version: 1,
            variants: vec![
                Variant { name: "Open".to_owned(), tag: 0, fields: vec![field("note", 4)] },
                Variant { name: "Shut".to_owned(), tag: 1, fields: Vec::new() },
            ],
        }),
        opaque("blob", 3, true),
    ]);
    let mut of_source: Vec<NodeHints> = of_order.nodes().iter().map(NodeHints::empty).collect();
    for hints in &mut of_source {
        match hints {
            NodeHints::None => {}
            NodeHints::Struct(order) => {
                order.aliases = vec!["Purchase".to_owned()];
                order.record.removed = vec!["weight".to_owned()];
                order.record.fields[0].aliases = vec!["name".to_owned()];
                order.record.fields[1].default = Some(vec![1]);
                order.record.fields[1].none = Some(vec![0]);
            }
            NodeHints::Enum(state) => {
                state.removed = vec![RemovedVariant { name: "Gone".to_owned(), becomes: Some(vec![1, 0, 0, 0]) }];
                state.fallback = Some("Shut".to_owned());
                state.variants[0].aliases = vec!["New".to_owned()];
                state.variants[0].record.removed = vec!["by".to_owned()];
            }
            NodeHints::Opaque(opaque) => {
                (opaque.canonical, opaque.reads, opaque.aliases) = (true, vec![2], vec!["bytes".to_owned()]);
            }
        }
    }
    let source = Source::new(of_order, of_source);
    let cents = plain(vec![opaque("money", 1, true)]);
    snapshot("Order", 4, IntegerEncoding::Fixed, nodes, |hints| {
        for hints in hints {
            match hints {
                NodeHints::None => {}
                NodeHints::Struct(order) => {
                    order.was = vec![plain(vec![Node::Tuple(vec![NodeId::new(1)]), Node::Primitive(Primitive::Char)])];
                    order.migrations = vec![
                        TypeMigration {
                            from: 2,
                            id: "from-v2".to_owned(),
                            injective: true,
                            exact: false,
                            source: None,
                        },
                        TypeMigration {
                            from: 3,
                            id: "Order v3: joined".to_owned(),
                            injective: true,
                            exact: false,
                            source: Some(source.clone()),
                        },
                    ];
                    order.record.fields[1].conversions = vec![
                        ConversionHint { id: "cents".to_owned(), injective: true, source: cents.clone().into() },
                        ConversionHint { id: "of-order".to_owned(), injective: false, source: source.clone() },
                    ];
                }
                NodeHints::Enum(state) => {
                    state.was = vec![plain(vec![Node::Primitive(Primitive::U32)])];
                    state.migrations = vec![TypeMigration {
                        from: 1,
                        id: "state".to_owned(),
                        injective: false,
                        exact: false,
                        source: None,
                    }];
                }
                NodeHints::Opaque(money) => {
                    money.aliases = vec!["money-text".to_owned(), "two words".to_owned()];
                    money.migrates = vec![OpaqueMigration { from: 1, id: "money v1".to_owned() }];
                }
            }
        }
    })
}

/// A whole value, of no type of the user's, that was something else before.
#[must_use]
pub fn whole_value() -> SerializerSnapshot {
    let layout = |primitive| Schema::new(vec![Node::Primitive(primitive)]).unwrap();
    let schema = layout(Primitive::U64);
    let root = RootHints {
        was: vec![layout(Primitive::I64)],
        none: Some(vec![7, 0, 0, 0, 0, 0, 0, 0]),
        conversions: vec![
            ConversionHint { id: "parse".to_owned(), injective: true, source: layout(Primitive::String).into() },
            ConversionHint { id: "round".to_owned(), injective: false, source: layout(Primitive::F64).into() },
        ],
    };
    let (integers, hints) = (IntegerEncoding::Fixed.into(), vec![NodeHints::None]);
    SerializerSnapshot::with_root("total".to_owned(), 1, integers, schema, hints, root).unwrap()
}

/// A key whose stored bytes compare in the order of the keys.
#[must_use]
pub fn ordered_key() -> SerializerSnapshot {
    let nodes = vec![
        structure("Due", 1, &[("priority", 1), ("at", 2)]),
        Node::Primitive(Primitive::U8),
        Node::Primitive(Primitive::I64),
    ];
    let schema = Schema::new(nodes).unwrap();
    let hints = schema.nodes().iter().map(NodeHints::empty).collect();
    let configuration = Configuration { integers: IntegerEncoding::Fixed, ordered: true };
    SerializerSnapshot::new("Due".to_owned(), 1, configuration, schema, hints).unwrap()
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
    SerializerSnapshot::new(name.to_owned(), version, Configuration::from(integers), schema, hints).unwrap()
}

fn structure(name: &str, version: u32, fields: &[(&str, u32)]) -> Node {
    let fields = fields.iter().map(|(name, node)| field(name, *node)).collect();
    Node::Struct(StructNode { name: name.to_owned(), version, fields })
}

fn field(name: &str, node: u32) -> Field {
    Field { name: name.to_owned(), node: NodeId::new(node) }
}

fn opaque(name: &str, version: u32, framed: bool) -> Node {
    Node::Opaque(OpaqueNode { name: name.to_owned(), version, framed, parameters: Vec::new() })
}
