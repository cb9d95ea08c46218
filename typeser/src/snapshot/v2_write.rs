//! Writes version 2 of a snapshot's body. Every byte is drawn in `docs/format.md`.

use super::body::BodyWriter;
use super::{
    ConversionHint, FieldHints, NodeHints, RecordHints, SerializerSnapshot, Source, TypeMigration, VariantHints,
};

/// The body of a snapshot that version 1 cannot hold.
pub(super) fn write(snapshot: &SerializerSnapshot) -> Vec<u8> {
    let (mut to, root) = (BodyWriter::new(), snapshot.root_hints());
    to.text(snapshot.name());
    to.number(snapshot.version());
    to.integers(snapshot.configuration().integers);
    to.bool(snapshot.configuration().ordered);
    to.schema(snapshot.schema());
    to.list(&root.was, BodyWriter::schema);
    to.option(root.none.as_deref(), BodyWriter::bytes);
    conversions(&mut to, &root.conversions);
    hints(&mut to, snapshot.hints(), true);
    to.finish()
}

/// The hints of all nodes of a layout. Those of a layout that a function reads name no `functions`.
fn hints(to: &mut BodyWriter, hints: &[NodeHints], functions: bool) {
    to.sparse(hints, NodeHints::is_empty, |to, hints| node_hints(to, hints, functions));
}

fn node_hints(to: &mut BodyWriter, hints: &NodeHints, functions: bool) {
    match hints {
        // Hints that say nothing are not written.
        NodeHints::None => {}
        NodeHints::Struct(hints) => {
            to.number(0);
            to.texts(&hints.aliases);
            if functions {
                to.list(&hints.was, BodyWriter::schema);
                migrations(to, &hints.migrations);
            }
            record(to, &hints.record, functions);
        }
        NodeHints::Enum(hints) => {
            to.number(1);
            to.texts(&hints.aliases);
            if functions {
                to.list(&hints.was, BodyWriter::schema);
                migrations(to, &hints.migrations);
            }
            to.list(&hints.removed, |to, removed| {
                to.text(&removed.name);
                to.option(removed.becomes.as_deref(), BodyWriter::bytes);
            });
            to.option(hints.fallback.as_deref(), BodyWriter::text);
            to.sparse(&hints.variants, VariantHints::is_empty, |to, hints| {
                to.texts(&hints.aliases);
                record(to, &hints.record, functions);
            });
        }
        NodeHints::Opaque(hints) => {
            to.number(2);
            to.texts(&hints.aliases);
            to.bool(hints.canonical);
            to.list(&hints.reads, |to, version| to.number(*version));
            if functions {
                to.list(&hints.migrates, |to, migration| {
                    to.number(migration.from);
                    to.text(&migration.id);
                });
            }
        }
    }
}

fn record(to: &mut BodyWriter, hints: &RecordHints, functions: bool) {
    to.texts(&hints.removed);
    to.sparse(&hints.fields, FieldHints::is_empty, |to, hints| {
        to.texts(&hints.aliases);
        to.option(hints.default.as_deref(), BodyWriter::bytes);
        to.option(hints.none.as_deref(), BodyWriter::bytes);
        if functions {
            conversions(to, &hints.conversions);
        }
    });
}

fn conversions(to: &mut BodyWriter, conversions: &[ConversionHint]) {
    to.list(conversions, |to, conversion| {
        to.text(&conversion.id);
        to.bool(conversion.injective);
        source(to, &conversion.source);
    });
}

fn migrations(to: &mut BodyWriter, migrations: &[TypeMigration]) {
    to.list(migrations, |to, migration| {
        to.number(migration.from);
        to.text(&migration.id);
        to.number(u32::from(migration.injective) | u32::from(migration.exact) << 1);
        to.option(migration.source.as_ref(), source);
    });
}

fn source(to: &mut BodyWriter, source: &Source) {
    to.schema(source.schema());
    hints(to, source.hints(), false);
}
