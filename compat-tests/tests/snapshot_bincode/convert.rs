//! A snapshot as the body that serde writes.

use typeser::SerializerSnapshot;
use typeser::schema::{Field, IntegerEncoding, Node, NodeId, Primitive, Schema};
use typeser::snapshot::{EnumHints, FieldHints, NodeHints, RecordHints, StructHints, TypeMigration, VariantHints};

use crate::body;

impl<'a> From<&'a SerializerSnapshot> for body::Body<'a> {
    fn from(snapshot: &'a SerializerSnapshot) -> Self {
        Self {
            name: snapshot.name(),
            version: snapshot.version(),
            integers: match snapshot.configuration().integers {
                IntegerEncoding::Fixed => body::Integers::Fixed,
                IntegerEncoding::Variable => body::Integers::Variable,
            },
            nodes: nodes(snapshot.schema()),
            hints: snapshot
                .schema()
                .ids()
                .map(NodeId::number)
                .zip(snapshot.hints())
                .filter_map(|(number, hints)| Some((number, node_hints(hints)?)))
                .collect(),
        }
    }
}

fn nodes(schema: &Schema) -> Vec<body::Node<'_>> {
    schema.nodes().iter().map(node).collect()
}

fn node(node: &Node) -> body::Node<'_> {
    match node {
        Node::Primitive(leaf) => body::Node::Primitive(primitive(*leaf)),
        Node::Struct(node) => {
            body::Node::Struct { name: &node.name, version: node.version, fields: fields(&node.fields) }
        }
        Node::Enum(node) => body::Node::Enum {
            name: &node.name,
            version: node.version,
            variants: node
                .variants
                .iter()
                .map(|variant| body::Variant { name: &variant.name, tag: variant.tag, fields: fields(&variant.fields) })
                .collect(),
        },
        Node::Option(child) => body::Node::Option(child.number()),
        Node::List(child) => body::Node::List(child.number()),
        Node::Set(child) => body::Node::Set(child.number()),
        Node::Map { key, value } => body::Node::Map { key: key.number(), value: value.number() },
        Node::Array { element, length } => body::Node::Array { element: element.number(), length: *length },
        Node::Tuple(elements) => body::Node::Tuple(elements.iter().copied().map(NodeId::number).collect()),
        Node::NonZero(child) => body::Node::NonZero(child.number()),
        Node::Logical(node) => body::Node::Logical {
            name: &node.name,
            parameters: node.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
            representation: node.representation.number(),
        },
        Node::Opaque(node) => body::Node::Opaque { name: &node.name, version: node.version, framed: node.framed },
    }
}

fn primitive(primitive: Primitive) -> body::Primitive {
    match primitive {
        Primitive::Unit => body::Primitive::Unit,
        Primitive::Bool => body::Primitive::Bool,
        Primitive::U8 => body::Primitive::U8,
        Primitive::U16 => body::Primitive::U16,
        Primitive::U32 => body::Primitive::U32,
        Primitive::U64 => body::Primitive::U64,
        Primitive::U128 => body::Primitive::U128,
        Primitive::I8 => body::Primitive::I8,
        Primitive::I16 => body::Primitive::I16,
        Primitive::I32 => body::Primitive::I32,
        Primitive::I64 => body::Primitive::I64,
        Primitive::I128 => body::Primitive::I128,
        Primitive::F32 => body::Primitive::F32,
        Primitive::F64 => body::Primitive::F64,
        Primitive::Char => body::Primitive::Char,
        Primitive::String => body::Primitive::String,
    }
}

fn fields(fields: &[Field]) -> Vec<body::Field<'_>> {
    fields.iter().map(|field| body::Field { name: &field.name, node: field.node.number() }).collect()
}

/// `None` for hints that say nothing.
fn node_hints(hints: &NodeHints) -> Option<body::NodeHints<'_>> {
    if hints.is_empty() {
        return None;
    }
    match hints {
        NodeHints::None => None,
        NodeHints::Struct(StructHints { aliases, migrations: functions, record: hints, .. }) => {
            Some(body::NodeHints::Struct {
                aliases: texts(aliases),
                migrations: migrations(functions),
                record: record(hints),
            })
        }
        NodeHints::Enum(EnumHints { aliases, migrations: functions, removed, fallback, variants, .. }) => {
            Some(body::NodeHints::Enum {
                aliases: texts(aliases),
                migrations: migrations(functions),
                removed: removed
                    .iter()
                    .map(|removed| body::RemovedVariant { name: &removed.name, becomes: removed.becomes.as_deref() })
                    .collect(),
                fallback: fallback.as_deref(),
                variants: sparse(variants, VariantHints::is_empty, |hints| body::VariantHints {
                    aliases: texts(&hints.aliases),
                    record: record(&hints.record),
                }),
            })
        }
        NodeHints::Opaque(hints) => Some(body::NodeHints::Opaque {
            canonical: hints.canonical,
            reads: hints.reads.clone(),
            migrates: hints
                .migrates
                .iter()
                .map(|migration| body::OpaqueMigration { from: migration.from, id: &migration.id })
                .collect(),
        }),
    }
}

fn record(hints: &RecordHints) -> body::Record<'_> {
    body::Record {
        removed: texts(&hints.removed),
        fields: sparse(&hints.fields, FieldHints::is_empty, |hints| body::FieldHints {
            aliases: texts(&hints.aliases),
            default: hints.default.as_deref(),
            none: hints.none.as_deref(),
            conversions: hints
                .conversions
                .iter()
                .map(|conversion| body::Conversion {
                    id: &conversion.id,
                    injective: conversion.injective,
                    source: nodes(conversion.source.schema()),
                })
                .collect(),
        }),
    }
}

fn migrations(migrations: &[TypeMigration]) -> Vec<body::TypeMigration<'_>> {
    migrations
        .iter()
        .map(|migration| body::TypeMigration {
            from: migration.from,
            id: &migration.id,
            source: migration.source.as_ref().map(|source| nodes(source.schema())),
        })
        .collect()
}

fn sparse<'a, H, S>(hints: &'a [H], is_empty: fn(&H) -> bool, stored: impl Fn(&'a H) -> S) -> Vec<(u32, S)> {
    (0u32..).zip(hints).filter(|(_, hints)| !is_empty(hints)).map(|(number, hints)| (number, stored(hints))).collect()
}

fn texts(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}
