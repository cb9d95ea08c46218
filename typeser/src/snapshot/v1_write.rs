//! Writes version 1 of a snapshot's body. Every byte is drawn in `docs/format.md`.

use super::body::BodyWriter;
use super::{FieldHints, NodeHints, RecordHints, SerializerSnapshot, TypeMigration, VariantHints};

/// The body of a snapshot that version 1 can hold.
pub(super) fn write(snapshot: &SerializerSnapshot) -> Vec<u8> {
    let mut to = BodyWriter::new();
    to.text(snapshot.name());
    to.number(snapshot.version());
    to.integers(snapshot.configuration().integers);
    to.schema(snapshot.schema());
    to.sparse(snapshot.hints(), NodeHints::is_empty, node_hints);
    to.finish()
}

fn node_hints(to: &mut BodyWriter, hints: &NodeHints) {
    match hints {
        // Hints that say nothing are not written.
        NodeHints::None => {}
        NodeHints::Struct(hints) => {
            to.number(0);
            to.texts(&hints.aliases);
            migrations(to, &hints.migrations);
            record(to, &hints.record);
        }
        NodeHints::Enum(hints) => {
            to.number(1);
            to.texts(&hints.aliases);
            migrations(to, &hints.migrations);
            to.list(&hints.removed, |to, removed| {
                to.text(&removed.name);
                to.option(removed.becomes.as_deref(), BodyWriter::bytes);
            });
            to.option(hints.fallback.as_deref(), BodyWriter::text);
            to.sparse(&hints.variants, VariantHints::is_empty, |to, hints| {
                to.texts(&hints.aliases);
                record(to, &hints.record);
            });
        }
        NodeHints::Opaque(hints) => {
            to.number(2);
            to.bool(hints.canonical);
            to.list(&hints.reads, |to, version| to.number(*version));
            to.list(&hints.migrates, |to, migration| {
                to.number(migration.from);
                to.text(&migration.id);
            });
        }
    }
}

fn record(to: &mut BodyWriter, hints: &RecordHints) {
    to.texts(&hints.removed);
    to.sparse(&hints.fields, FieldHints::is_empty, |to, hints| {
        to.texts(&hints.aliases);
        to.option(hints.default.as_deref(), BodyWriter::bytes);
        to.option(hints.none.as_deref(), BodyWriter::bytes);
        to.list(&hints.conversions, |to, conversion| {
            to.text(&conversion.id);
            to.bool(conversion.injective);
            to.schema(conversion.source.schema());
        });
    });
}

fn migrations(to: &mut BodyWriter, migrations: &[TypeMigration]) {
    to.list(migrations, |to, migration| {
        to.number(migration.from);
        to.text(&migration.id);
        to.option(migration.source.as_ref(), |to, source| to.schema(source.schema()));
    });
}
