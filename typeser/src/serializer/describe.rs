//! From tables to a snapshot: collects the nodes of a type and of all that it holds.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::Arc;

use super::{
    ConversionTable, Conversions, EncodedConstant, EnumTable, FieldTable, Function, Link, MigrationTable, StateType,
    StructTable, codec,
};
use crate::schema::{
    EnumNode, Field, IntegerEncoding, LogicalNode, Node, NodeId, OpaqueNode, Primitive, Schema, SchemaError,
    StructNode, Variant,
};
use crate::snapshot::assemble::Assembled;
use crate::snapshot::{
    Configuration, ConversionHint, EnumHints, FieldHints, Location, NodeHints, OpaqueHints, OpaqueMigration,
    RecordHints, RemovedVariant, SerializerSnapshot, SnapshotError, StructHints, TypeMigration, VariantHints,
};
use crate::wire::EncodeError;

/// Collects the description of a type: each Rust type becomes a node, once.
#[derive(Debug)]
pub struct Describer {
    integers: IntegerEncoding,
    /// `None` while a node is being described: a type that contains itself finds its number already taken.
    nodes: Vec<Option<Node>>,
    hints: Vec<NodeHints>,
    locations: Vec<Option<Location>>,
    known: HashMap<TypeId, NodeId>,
    conversions: Conversions,
    /// Whether attributes count. They do not for what functions read, which also ends the circle of a type whose
    /// function reads a type that holds it.
    hinted: bool,
    failure: Option<DescribeError>,
}

/// Why a type has no snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DescribeError {
    /// A constant that an attribute names cannot be encoded.
    #[error("the {attribute} of `{type_name}.{part}` has no stored form: {source}")]
    Constant {
        /// `default` or `becomes`.
        attribute: &'static str,
        /// The declared name of the type.
        type_name: String,
        /// The field or variant.
        part: String,
        /// Why.
        source: EncodeError,
    },
    /// A function converts a field from the layout that the field has now.
    #[error(
        "the conversion `{id}` reads the layout that the field has now, so nothing could tell values that it converted from others; count the version of the type up and declare `migrate(..)` instead"
    )]
    SameLayout {
        /// The id of the function: type, field and path.
        id: String,
    },
    /// Two functions convert a field from one layout.
    #[error(
        "`{first}` and `{second}` read the same stored layout, so nothing could tell which of the two a stored value is for; leave out one of them"
    )]
    OneLayout {
        /// The id of one.
        first: String,
        /// The id of the other.
        second: String,
    },
    /// The nodes do not make a schema.
    #[error("`{type_name}` has no schema: {source}")]
    Schema {
        /// The Rust type.
        type_name: &'static str,
        /// Why.
        source: SchemaError,
    },
    /// The description does not make a snapshot.
    #[error("`{type_name}` has no snapshot: {source}")]
    Snapshot {
        /// The Rust type.
        type_name: &'static str,
        /// Why.
        source: SnapshotError,
    },
}

/// The snapshot of the serializer of `T` under an integer encoding.
pub(super) fn snapshot_of<T: StateType>(
    integers: IntegerEncoding,
) -> Result<(SerializerSnapshot, Conversions), DescribeError> {
    let type_name = std::any::type_name::<T>();
    let mut describer = Describer::new(integers, true);
    let root = T::describe(&mut describer);
    if let Some(failure) = describer.failure {
        return Err(failure);
    }
    let conversions = describer.conversions;
    let nodes = describer.nodes.into_iter().flatten().collect();
    let schema_error = |source| DescribeError::Schema { type_name, source };
    let parts = Assembled::new(nodes, &describer.hints, root).map_err(schema_error)?;
    if let Some(failure) = ambiguous_conversion(&parts) {
        return Err(failure);
    }
    let locations = parts.origins.iter().map(|origin| describer.locations[origin.index()]).collect();
    let (name, version) = (parts.name(), parts.version());
    SerializerSnapshot::new(name, version, Configuration { integers }, parts.schema, parts.hints)
        .map(|snapshot| (snapshot.with_locations(locations), conversions))
        .map_err(|source| DescribeError::Snapshot { type_name, source })
}

/// The layout of `T`, without anything that attributes say.
pub(super) fn layout_of<T: StateType>() -> Result<Schema, DescribeError> {
    let mut describer = Describer::new(IntegerEncoding::default(), false);
    let root = T::describe(&mut describer);
    let nodes = describer.nodes.into_iter().flatten().collect();
    match Schema::numbered(nodes, root) {
        Ok((schema, _)) => Ok(schema.smallest()),
        Err(source) => Err(DescribeError::Schema { type_name: std::any::type_name::<T>(), source }),
    }
}

/// The first conversion that reads what its field is now, or what another one of the field reads. The derive compares
/// how types are spelled; two types may still have one layout.
fn ambiguous_conversion(parts: &Assembled) -> Option<DescribeError> {
    let records = parts.schema.nodes().iter().zip(&parts.hints).flat_map(|(node, hints)| match (node, hints) {
        (Node::Struct(node), NodeHints::Struct(hints)) => vec![(&node.fields, &hints.record)],
        (Node::Enum(node), NodeHints::Enum(hints)) => {
            let records = node.variants.iter().zip(&hints.variants);
            records.map(|(variant, hints)| (&variant.fields, &hints.record)).collect()
        }
        _ => Vec::new(),
    });
    let mut fields = records.flat_map(|(fields, hints)| fields.iter().zip(&hints.fields));
    fields.find_map(|(field, hints)| {
        let conversions = hints.conversions.as_slice();
        let now = (!conversions.is_empty()).then(|| parts.schema.part(field.node).smallest())?;
        conversions.iter().enumerate().find_map(|(at, conversion)| {
            let id = || conversion.id.clone();
            if conversion.source == now {
                return Some(DescribeError::SameLayout { id: id() });
            }
            let first = conversions[..at].iter().find(|first| first.source == conversion.source)?;
            Some(DescribeError::OneLayout { first: first.id.clone(), second: id() })
        })
    })
}

/// Encodes a constant; what the tables of a derive point to.
pub fn constant<T: StateType>(integers: IntegerEncoding, value: &T) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Vec::new();
    codec::encode_with(integers, value, &mut bytes)?;
    Ok(bytes)
}

impl Describer {
    fn new(integers: IntegerEncoding, hinted: bool) -> Self {
        Self {
            integers,
            nodes: Vec::new(),
            hints: Vec::new(),
            locations: Vec::new(),
            known: HashMap::new(),
            conversions: Conversions::new(),
            hinted,
            failure: None,
        }
    }

    /// The node of the type `T`: the one it has already, or the one that `build` describes.
    ///
    /// `build` describes children by `Child::describe(describer)`.
    pub fn node<T: 'static>(&mut self, build: impl FnOnce(&mut Self) -> Node) -> NodeId {
        self.described::<T>(None, |describer| {
            let node = build(describer);
            let hints = NodeHints::empty(&node);
            (node, hints)
        })
    }

    /// The node of a leaf.
    pub fn primitive<T: 'static>(&mut self, primitive: Primitive) -> NodeId {
        self.node::<T>(|_| Node::Primitive(primitive))
    }

    /// The node of a type with a meaning of its own over a representation, which `build` describes.
    ///
    /// `name` is one of [`logical::NAMES`](crate::schema::logical::NAMES).
    pub fn logical<T: 'static>(&mut self, name: &str, build: impl FnOnce(&mut Self) -> NodeId) -> NodeId {
        self.logical_with::<T>(name, &[], build)
    }

    /// As [`Describer::logical`], with parameters, sorted by name: they are compared, never ignored.
    pub fn logical_with<T: 'static>(
        &mut self,
        name: &str,
        parameters: &[(&str, &str)],
        build: impl FnOnce(&mut Self) -> NodeId,
    ) -> NodeId {
        self.node::<T>(|describer| {
            let representation = build(describer);
            let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            Node::Logical(LogicalNode { name: name.to_owned(), parameters, representation })
        })
    }

    /// A node that is no Rust type of its own, such as the representation of a logical type.
    ///
    /// Equal ones become one node when the description is complete.
    pub fn anonymous(&mut self, node: Node) -> NodeId {
        let id = NodeId::new(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.hints.push(NodeHints::empty(&node));
        self.nodes.push(Some(node));
        self.locations.push(None);
        id
    }

    /// The node of an opaque leaf, with the functions that read earlier versions of it.
    pub(super) fn opaque<T: 'static>(
        &mut self,
        node: OpaqueNode,
        mut hints: OpaqueHints,
        functions: impl Iterator<Item = (u32, Arc<dyn Function>)>,
    ) -> NodeId {
        self.described::<T>(None, |describer| {
            for (from, function) in functions {
                let id = format!("opaque {} v{from}", node.name);
                if describer.hinted {
                    let id = describer.conversions.add(id, function);
                    hints.migrates.push(OpaqueMigration { from, id });
                }
            }
            (Node::Opaque(node), NodeHints::Opaque(hints))
        })
    }

    /// The node of a derived struct.
    pub fn structure<T: 'static>(&mut self, table: &'static StructTable) -> NodeId {
        self.described::<T>(Some(table.location), |describer| {
            let (fields, field_hints) = describer.fields(table.name, table.fields);
            let node = StructNode { name: table.name.to_owned(), version: table.version, fields };
            let hints = StructHints {
                aliases: owned(table.aliases),
                migrations: describer.migrations(table.name, table.migrations),
                record: RecordHints { removed: owned(table.removed), fields: field_hints },
            };
            (Node::Struct(node), NodeHints::Struct(hints))
        })
    }

    /// The node of a derived enum.
    pub fn enumeration<T: 'static>(&mut self, table: &'static EnumTable) -> NodeId {
        self.described::<T>(Some(table.location), |describer| {
            let mut variants = Vec::with_capacity(table.variants.len());
            let mut variant_hints = Vec::with_capacity(table.variants.len());
            for variant in table.variants {
                let owner = format!("{}::{}", table.name, variant.name);
                let (fields, field_hints) = describer.fields(&owner, variant.fields);
                variants.push(Variant { name: variant.name.to_owned(), tag: variant.tag, fields });
                variant_hints.push(VariantHints {
                    aliases: owned(variant.aliases),
                    record: RecordHints { removed: owned(variant.removed), fields: field_hints },
                });
            }
            let removed = table
                .removed
                .iter()
                .map(|removed| RemovedVariant {
                    name: removed.name.to_owned(),
                    becomes: removed
                        .becomes
                        .and_then(|becomes| describer.constant("becomes", table.name, removed.name, becomes)),
                })
                .collect();
            let node = EnumNode { name: table.name.to_owned(), version: table.version, variants };
            let hints = EnumHints {
                aliases: owned(table.aliases),
                migrations: describer.migrations(table.name, table.migrations),
                removed,
                fallback: table.fallback.map(str::to_owned),
                variants: variant_hints,
            };
            (Node::Enum(node), NodeHints::Enum(hints))
        })
    }

    fn described<T: 'static>(
        &mut self,
        location: Option<Location>,
        build: impl FnOnce(&mut Self) -> (Node, NodeHints),
    ) -> NodeId {
        if let Some(known) = self.known.get(&TypeId::of::<T>()) {
            return *known;
        }
        let id = NodeId::new(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.known.insert(TypeId::of::<T>(), id);
        self.nodes.push(None);
        self.hints.push(NodeHints::None);
        self.locations.push(location);
        let (node, hints) = build(self);
        self.nodes[id.index()] = Some(node);
        self.hints[id.index()] = hints;
        id
    }

    fn fields(&mut self, type_name: &str, tables: &'static [FieldTable]) -> (Vec<Field>, Vec<FieldHints>) {
        tables
            .iter()
            .map(|table| {
                let node = (table.describe)(self);
                let default =
                    table.default.and_then(|default| self.constant("default", type_name, table.name, default));
                let none = table.none.and_then(|none| self.constant("none", type_name, table.name, none));
                let conversions = self.field_conversions(type_name, table);
                let hints = FieldHints { aliases: owned(table.aliases), default, none, conversions };
                (Field { name: table.name.to_owned(), node }, hints)
            })
            .unzip()
    }

    fn field_conversions(&mut self, type_name: &str, table: &FieldTable) -> Vec<ConversionHint> {
        let tables: &[ConversionTable] = if self.hinted { table.conversions } else { &[] };
        tables
            .iter()
            .filter_map(|conversion| {
                let id = format!("{type_name}.{}: {}", table.name, conversion.path);
                let (id, source) = self.link(id, (conversion.link)())?;
                let source = source?;
                Some(ConversionHint { id, injective: conversion.injective, source })
            })
            .collect()
    }

    fn migrations(&mut self, type_name: &str, tables: &[MigrationTable]) -> Vec<TypeMigration> {
        let tables = if self.hinted { tables } else { &[] };
        tables
            .iter()
            .filter_map(|migration| {
                let id = format!("{type_name} v{}: {}", migration.from, migration.path);
                let (id, source) = self.link(id, (migration.link)())?;
                Some(TypeMigration { from: migration.from, id, source })
            })
            .collect()
    }

    /// Keeps a function. Gives its id and the layout that it reads, if it reads one; `None` if that has none.
    fn link(&mut self, id: String, link: Link) -> Option<(String, Option<Schema>)> {
        match link.source.transpose() {
            Ok(source) => Some((self.conversions.add(id, link.function), source)),
            Err(failure) => {
                self.failure.get_or_insert(failure);
                None
            }
        }
    }

    fn constant(
        &mut self,
        attribute: &'static str,
        type_name: &str,
        part: &str,
        encode: EncodedConstant,
    ) -> Option<Vec<u8>> {
        if !self.hinted {
            return None;
        }
        match encode(self.integers) {
            Ok(bytes) => Some(bytes),
            Err(source) => {
                self.failure.get_or_insert(DescribeError::Constant {
                    attribute,
                    type_name: type_name.to_owned(),
                    part: part.to_owned(),
                    source,
                });
                None
            }
        }
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
