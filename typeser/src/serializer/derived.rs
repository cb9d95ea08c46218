//! Nodes of derived types, from the tables that the derive writes.

use super::describe_error::DescribeError;
use super::describer::Describer;
use super::tables::{ConversionTable, EncodedConstant, EnumTable, FieldTable, MigrationTable, StructTable, WasTable};
use crate::schema::{EnumNode, Field, Node, NodeId, Schema, StructNode, Variant};
use crate::snapshot::{
    ConversionHint, EnumHints, FieldHints, NodeHints, RecordHints, RemovedVariant, StructHints, TypeMigration,
    VariantHints,
};

impl Describer {
    /// The node of a derived struct.
    #[doc(hidden)]
    pub fn structure<T: 'static>(&mut self, table: &'static StructTable) -> NodeId {
        self.described::<T>(Some(table.location), |describer| {
            let (fields, field_hints) = describer.fields(table.name, table.fields);
            let node = StructNode { name: table.name.to_owned(), version: table.version, fields };
            let hints = StructHints {
                aliases: owned(table.aliases),
                was: describer.was(table.was),
                migrations: describer.migrations(table.name, table.migrations),
                record: RecordHints { removed: owned(table.removed), fields: field_hints },
            };
            (Node::Struct(node), NodeHints::Struct(hints))
        })
    }

    /// The node of a derived enum.
    #[doc(hidden)]
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
                was: describer.was(table.was),
                migrations: describer.migrations(table.name, table.migrations),
                removed,
                fallback: table.fallback.map(str::to_owned),
                variants: variant_hints,
            };
            (Node::Enum(node), NodeHints::Enum(hints))
        })
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
        let tables: &[ConversionTable] = table.conversions;
        if tables.is_empty() || !self.keeps_functions() {
            return Vec::new();
        }
        tables
            .iter()
            .filter_map(|conversion| {
                let id = format!("{type_name}.{}: {}", table.name, conversion.path);
                let (id, source) = self.link(id, (conversion.link)())?;
                // A field is recognised by its layout alone.
                let source = source?.source.schema().clone().into();
                Some(ConversionHint { id, injective: conversion.injective, source })
            })
            .collect()
    }

    fn migrations(&mut self, type_name: &str, tables: &[MigrationTable]) -> Vec<TypeMigration> {
        if tables.is_empty() || !self.keeps_functions() {
            return Vec::new();
        }
        tables
            .iter()
            .filter_map(|migration| {
                let id = format!("{type_name} v{}: {}", migration.from, migration.path);
                let (id, source) = self.link(id, (migration.link)())?;
                let exact = source.as_ref().is_some_and(|read| read.exact);
                let source = source.map(|read| read.source);
                Some(TypeMigration { from: migration.from, id, injective: migration.injective, exact, source })
            })
            .collect()
    }

    fn was(&mut self, tables: &[WasTable]) -> Vec<Schema> {
        if tables.is_empty() || !self.keeps_functions() {
            return Vec::new();
        }
        let mut layouts = Vec::with_capacity(tables.len());
        for table in tables {
            match (table.layout)() {
                Ok(layout) => layouts.push(layout),
                Err(failure) => _ = self.failure.get_or_insert(failure),
            }
        }
        layouts
    }

    fn constant(
        &mut self,
        attribute: &'static str,
        type_name: &str,
        part: &str,
        encode: EncodedConstant,
    ) -> Option<Vec<u8>> {
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
