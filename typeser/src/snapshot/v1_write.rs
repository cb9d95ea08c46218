//! Converts a snapshot to version 1 of its body.

use super::v1;
use super::{
    EnumHints, FieldHints, NodeHints, RecordHints, SerializerSnapshot, StructHints, TypeMigration, VariantHints,
};
use crate::schema::{Field, IntegerEncoding, Node, NodeId, Primitive, Schema};

impl<'a> From<&'a SerializerSnapshot> for v1::Body<'a> {
    fn from(snapshot: &'a SerializerSnapshot) -> Self {
        Self {
            name: snapshot.name(),
            version: snapshot.version(),
            integers: match snapshot.configuration().integers {
                IntegerEncoding::Fixed => v1::Integers::Fixed,
                IntegerEncoding::Variable => v1::Integers::Variable,
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

fn nodes(schema: &Schema) -> Vec<v1::Node<'_>> {
    schema.nodes().iter().map(node).collect()
}

fn node(node: &Node) -> v1::Node<'_> {
    match node {
        Node::Primitive(leaf) => v1::Node::Primitive(primitive(*leaf)),
        Node::Struct(node) => {
            v1::Node::Struct { name: &node.name, version: node.version, fields: fields(&node.fields) }
        }
        Node::Enum(node) => v1::Node::Enum {
            name: &node.name,
            version: node.version,
            variants: node
                .variants
                .iter()
                .map(|variant| v1::Variant { name: &variant.name, tag: variant.tag, fields: fields(&variant.fields) })
                .collect(),
        },
        Node::Option(child) => v1::Node::Option(child.number()),
        Node::List(child) => v1::Node::List(child.number()),
        Node::Set(child) => v1::Node::Set(child.number()),
        Node::Map { key, value } => v1::Node::Map { key: key.number(), value: value.number() },
        Node::Array { element, length } => v1::Node::Array { element: element.number(), length: *length },
        Node::Tuple(elements) => v1::Node::Tuple(elements.iter().copied().map(NodeId::number).collect()),
        Node::NonZero(child) => v1::Node::NonZero(child.number()),
        Node::Logical(node) => v1::Node::Logical {
            name: &node.name,
            parameters: node.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
            representation: node.representation.number(),
        },
        Node::Opaque(node) => v1::Node::Opaque { name: &node.name, version: node.version, framed: node.framed },
    }
}

fn primitive(primitive: Primitive) -> v1::Primitive {
    match primitive {
        Primitive::Unit => v1::Primitive::Unit,
        Primitive::Bool => v1::Primitive::Bool,
        Primitive::U8 => v1::Primitive::U8,
        Primitive::U16 => v1::Primitive::U16,
        Primitive::U32 => v1::Primitive::U32,
        Primitive::U64 => v1::Primitive::U64,
        Primitive::U128 => v1::Primitive::U128,
        Primitive::I8 => v1::Primitive::I8,
        Primitive::I16 => v1::Primitive::I16,
        Primitive::I32 => v1::Primitive::I32,
        Primitive::I64 => v1::Primitive::I64,
        Primitive::I128 => v1::Primitive::I128,
        Primitive::F32 => v1::Primitive::F32,
        Primitive::F64 => v1::Primitive::F64,
        Primitive::Char => v1::Primitive::Char,
        Primitive::String => v1::Primitive::String,
    }
}

fn fields(fields: &[Field]) -> Vec<v1::Field<'_>> {
    fields.iter().map(|field| v1::Field { name: &field.name, node: field.node.number() }).collect()
}

/// `None` for hints that say nothing.
fn node_hints(hints: &NodeHints) -> Option<v1::NodeHints<'_>> {
    if hints.is_empty() {
        return None;
    }
    match hints {
        NodeHints::None => None,
        NodeHints::Struct(StructHints { aliases, migrations: functions, record: hints }) => {
            Some(v1::NodeHints::Struct {
                aliases: texts(aliases),
                migrations: migrations(functions),
                record: record(hints),
            })
        }
        NodeHints::Enum(EnumHints { aliases, migrations: functions, removed, fallback, variants }) => {
            Some(v1::NodeHints::Enum {
                aliases: texts(aliases),
                migrations: migrations(functions),
                removed: removed
                    .iter()
                    .map(|removed| v1::RemovedVariant { name: &removed.name, becomes: removed.becomes.as_deref() })
                    .collect(),
                fallback: fallback.as_deref(),
                variants: sparse(variants, VariantHints::is_empty, |hints| v1::VariantHints {
                    aliases: texts(&hints.aliases),
                    record: record(&hints.record),
                }),
            })
        }
        NodeHints::Opaque(hints) => Some(v1::NodeHints::Opaque {
            canonical: hints.canonical,
            reads: hints.reads.clone(),
            migrates: hints
                .migrates
                .iter()
                .map(|migration| v1::OpaqueMigration { from: migration.from, id: &migration.id })
                .collect(),
        }),
    }
}

fn record(hints: &RecordHints) -> v1::Record<'_> {
    v1::Record {
        removed: texts(&hints.removed),
        fields: sparse(&hints.fields, FieldHints::is_empty, |hints| v1::FieldHints {
            aliases: texts(&hints.aliases),
            default: hints.default.as_deref(),
            none: hints.none.as_deref(),
            conversions: hints
                .conversions
                .iter()
                .map(|conversion| v1::Conversion {
                    id: &conversion.id,
                    injective: conversion.injective,
                    source: nodes(&conversion.source),
                })
                .collect(),
        }),
    }
}

fn migrations(migrations: &[TypeMigration]) -> Vec<v1::TypeMigration<'_>> {
    migrations
        .iter()
        .map(|migration| v1::TypeMigration {
            from: migration.from,
            id: &migration.id,
            source: migration.source.as_ref().map(nodes),
        })
        .collect()
}

fn sparse<'a, H, S>(hints: &'a [H], is_empty: fn(&H) -> bool, stored: impl Fn(&'a H) -> S) -> Vec<(u32, S)> {
    (0u32..).zip(hints).filter(|(_, hints)| !is_empty(hints)).map(|(number, hints)| (number, stored(hints))).collect()
}

fn texts(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}
