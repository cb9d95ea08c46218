//! Converts version 1 of a body to a snapshot.

use super::v1;
use super::{
    Configuration, ConversionHint, EnumHints, FieldHints, NodeHints, OpaqueHints, OpaqueMigration, ReadSnapshotError,
    RecordHints, RemovedVariant, SerializerSnapshot, StructHints, TypeMigration, VariantHints,
};
use crate::schema::{
    EnumNode, Field, IntegerEncoding, LogicalNode, Node, NodeId, OpaqueNode, Primitive, Schema, SchemaError,
    StructNode, Variant,
};

impl TryFrom<v1::Body<'_>> for SerializerSnapshot {
    type Error = ReadSnapshotError;

    fn try_from(body: v1::Body<'_>) -> Result<Self, ReadSnapshotError> {
        let integers = match body.integers {
            v1::Integers::Fixed => IntegerEncoding::Fixed,
            v1::Integers::Variable => IntegerEncoding::Variable,
        };
        let schema = schema(body.nodes)?;
        let mut hints: Vec<NodeHints> = schema.nodes().iter().map(NodeHints::empty).collect();
        let mut next = 0;
        for (number, stored) in body.hints {
            let out_of_order = ReadSnapshotError::HintsOrder { part: "node", number };
            let slot = hints.get_mut(number as usize).filter(|_| number >= next).ok_or(out_of_order.clone())?;
            fill(slot, number, stored)?;
            if slot.is_empty() {
                return Err(out_of_order);
            }
            next = number.saturating_add(1);
        }
        Ok(Self::new(body.name.to_owned(), body.version, Configuration { integers }, schema, hints)?)
    }
}

fn schema(nodes: Vec<v1::Node<'_>>) -> Result<Schema, SchemaError> {
    Schema::new(nodes.into_iter().map(node).collect())
}

fn node(node: v1::Node<'_>) -> Node {
    let name_of = str::to_owned;
    match node {
        v1::Node::Primitive(leaf) => Node::Primitive(primitive(leaf)),
        v1::Node::Struct { name, version, fields: stored } => {
            Node::Struct(StructNode { name: name_of(name), version, fields: fields(stored) })
        }
        v1::Node::Enum { name, version, variants } => Node::Enum(EnumNode {
            name: name_of(name),
            version,
            variants: variants
                .into_iter()
                .map(|variant| Variant {
                    name: name_of(variant.name),
                    tag: variant.tag,
                    fields: fields(variant.fields),
                })
                .collect(),
        }),
        v1::Node::Option(child) => Node::Option(NodeId::new(child)),
        v1::Node::List(child) => Node::List(NodeId::new(child)),
        v1::Node::Set(child) => Node::Set(NodeId::new(child)),
        v1::Node::Map { key, value } => Node::Map { key: NodeId::new(key), value: NodeId::new(value) },
        v1::Node::Array { element, length } => Node::Array { element: NodeId::new(element), length },
        v1::Node::Tuple(elements) => Node::Tuple(elements.into_iter().map(NodeId::new).collect()),
        v1::Node::NonZero(child) => Node::NonZero(NodeId::new(child)),
        v1::Node::Logical { name, parameters, representation } => Node::Logical(LogicalNode {
            name: name_of(name),
            parameters: parameters.into_iter().map(|(name, value)| (name_of(name), name_of(value))).collect(),
            representation: NodeId::new(representation),
        }),
        v1::Node::Opaque { name, version, framed } => Node::Opaque(OpaqueNode { name: name_of(name), version, framed }),
    }
}

fn primitive(primitive: v1::Primitive) -> Primitive {
    match primitive {
        v1::Primitive::Unit => Primitive::Unit,
        v1::Primitive::Bool => Primitive::Bool,
        v1::Primitive::U8 => Primitive::U8,
        v1::Primitive::U16 => Primitive::U16,
        v1::Primitive::U32 => Primitive::U32,
        v1::Primitive::U64 => Primitive::U64,
        v1::Primitive::U128 => Primitive::U128,
        v1::Primitive::I8 => Primitive::I8,
        v1::Primitive::I16 => Primitive::I16,
        v1::Primitive::I32 => Primitive::I32,
        v1::Primitive::I64 => Primitive::I64,
        v1::Primitive::I128 => Primitive::I128,
        v1::Primitive::F32 => Primitive::F32,
        v1::Primitive::F64 => Primitive::F64,
        v1::Primitive::Char => Primitive::Char,
        v1::Primitive::String => Primitive::String,
    }
}

fn fields(fields: Vec<v1::Field<'_>>) -> Vec<Field> {
    fields.into_iter().map(|field| Field { name: field.name.to_owned(), node: NodeId::new(field.node) }).collect()
}

/// Fills the empty hints of a node with what is stored for it.
fn fill(hints: &mut NodeHints, node: u32, stored: v1::NodeHints<'_>) -> Result<(), ReadSnapshotError> {
    match (hints, stored) {
        (NodeHints::Struct(hints), v1::NodeHints::Struct { aliases, migrations: functions, record }) => {
            let StructHints { aliases: to_aliases, migrations: to_migrations, record: to_record } = hints;
            *to_aliases = texts(aliases);
            *to_migrations = migrations(node, functions)?;
            fill_record(to_record, node, record)
        }
        (
            NodeHints::Enum(hints),
            v1::NodeHints::Enum { aliases, migrations: functions, removed, fallback, variants },
        ) => {
            let EnumHints { aliases: to_aliases, migrations: to_migrations, removed: to_removed, .. } = hints;
            *to_aliases = texts(aliases);
            *to_migrations = migrations(node, functions)?;
            *to_removed = removed
                .into_iter()
                .map(|removed| RemovedVariant {
                    name: removed.name.to_owned(),
                    becomes: removed.becomes.map(<[u8]>::to_vec),
                })
                .collect();
            hints.fallback = fallback.map(str::to_owned);
            fill_sparse(&mut hints.variants, "variant", variants, VariantHints::is_empty, |hints, stored| {
                hints.aliases = texts(stored.aliases);
                fill_record(&mut hints.record, node, stored.record)
            })
        }
        (NodeHints::Opaque(hints), v1::NodeHints::Opaque { canonical, reads, migrates }) => {
            *hints = OpaqueHints {
                canonical,
                reads,
                migrates: migrates
                    .into_iter()
                    .map(|migration| OpaqueMigration { from: migration.from, id: migration.id.to_owned() })
                    .collect(),
            };
            Ok(())
        }
        _ => Err(ReadSnapshotError::HintsOrder { part: "node", number: node }),
    }
}

fn fill_record(hints: &mut RecordHints, node: u32, stored: v1::Record<'_>) -> Result<(), ReadSnapshotError> {
    hints.removed = texts(stored.removed);
    fill_sparse(&mut hints.fields, "field", stored.fields, FieldHints::is_empty, |hints, stored| {
        hints.aliases = texts(stored.aliases);
        hints.default = stored.default.map(<[u8]>::to_vec);
        hints.none = stored.none.map(<[u8]>::to_vec);
        hints.conversions = stored
            .conversions
            .into_iter()
            .map(|conversion| {
                Ok(ConversionHint {
                    id: conversion.id.to_owned(),
                    injective: conversion.injective,
                    source: source(node, conversion.id, conversion.source)?,
                })
            })
            .collect::<Result<_, ReadSnapshotError>>()?;
        Ok(())
    })
}

fn migrations(node: u32, stored: Vec<v1::TypeMigration<'_>>) -> Result<Vec<TypeMigration>, ReadSnapshotError> {
    stored
        .into_iter()
        .map(|migration| {
            Ok(TypeMigration {
                from: migration.from,
                id: migration.id.to_owned(),
                source: migration.source.map(|nodes| source(node, migration.id, nodes)).transpose()?,
            })
        })
        .collect()
}

fn source(node: u32, id: &str, nodes: Vec<v1::Node<'_>>) -> Result<Schema, ReadSnapshotError> {
    schema(nodes).map_err(|reason| ReadSnapshotError::Source { node, id: id.to_owned(), reason })
}

/// Fills the places that are stored, which ascend and say something.
fn fill_sparse<H, S>(
    places: &mut [H],
    part: &'static str,
    stored: Vec<(u32, S)>,
    is_empty: fn(&H) -> bool,
    fill: impl Fn(&mut H, S) -> Result<(), ReadSnapshotError>,
) -> Result<(), ReadSnapshotError> {
    let mut next = 0;
    for (number, stored) in stored {
        let out_of_order = ReadSnapshotError::HintsOrder { part, number };
        let place = places.get_mut(number as usize).filter(|_| number >= next).ok_or(out_of_order.clone())?;
        fill(place, stored)?;
        if is_empty(place) {
            return Err(out_of_order);
        }
        next = number.saturating_add(1);
    }
    Ok(())
}

fn texts(texts: Vec<&str>) -> Vec<String> {
    texts.into_iter().map(str::to_owned).collect()
}
