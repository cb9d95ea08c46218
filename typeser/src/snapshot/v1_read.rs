//! Reads version 1 of a snapshot's body. Every byte is drawn in `docs/format.md`.

use super::body::BodyReader;
use super::body_layout::Kinds;
use super::{
    ConversionHint, FieldHints, NodeHints, OpaqueMigration, ReadSnapshotError, RecordHints, RemovedVariant,
    SerializerSnapshot, Source, TypeMigration, VariantHints,
};

type Read<T> = Result<T, ReadSnapshotError>;

/// The snapshot whose body takes up all of these bytes.
pub(super) fn read(body: &[u8]) -> Read<SerializerSnapshot> {
    let mut from = BodyReader::new(body);
    let (name, version, integers) = (from.text()?, from.number()?, from.integers()?);
    let schema = from.schema(Kinds::Version1)?;
    let mut hints: Vec<NodeHints> = schema.nodes().iter().map(NodeHints::empty).collect();
    from.sparse("node", &mut hints, NodeHints::is_empty, node_hints)?;
    from.finish()?;
    Ok(SerializerSnapshot::new(name, version, integers.into(), schema, hints)?)
}

fn node_hints(from: &mut BodyReader<'_>, node: u32, hints: &mut NodeHints) -> Read<()> {
    match (from.number()?, hints) {
        (0, NodeHints::Struct(hints)) => {
            hints.aliases = from.texts()?;
            hints.migrations = migrations(from, node)?;
            record(from, node, &mut hints.record)
        }
        (1, NodeHints::Enum(hints)) => {
            hints.aliases = from.texts()?;
            hints.migrations = migrations(from, node)?;
            hints.removed =
                from.list(|from| Ok(RemovedVariant { name: from.text()?, becomes: from.option(BodyReader::bytes)? }))?;
            hints.fallback = from.option(BodyReader::text)?;
            from.sparse("variant", &mut hints.variants, VariantHints::is_empty, |from, _, hints| {
                hints.aliases = from.texts()?;
                record(from, node, &mut hints.record)
            })
        }
        (2, NodeHints::Opaque(hints)) => {
            hints.canonical = from.bool()?;
            hints.reads = from.list(BodyReader::number)?;
            hints.migrates = from.list(|from| Ok(OpaqueMigration { from: from.number()?, id: from.text()? }))?;
            Ok(())
        }
        (0..=2, _) => Err(ReadSnapshotError::HintsOrder { part: "node", number: node }),
        (number, _) => Err(from.unknown(number, "a kind of hints")),
    }
}

fn record(from: &mut BodyReader<'_>, node: u32, hints: &mut RecordHints) -> Read<()> {
    hints.removed = from.texts()?;
    from.sparse("field", &mut hints.fields, FieldHints::is_empty, |from, _, hints| {
        hints.aliases = from.texts()?;
        hints.default = from.option(BodyReader::bytes)?;
        hints.none = from.option(BodyReader::bytes)?;
        hints.conversions = from.list(|from| {
            let (id, injective) = (from.text()?, from.bool()?);
            Ok(ConversionHint { source: from.source(Kinds::Version1, node, &id)?.into(), id, injective })
        })?;
        Ok(())
    })
}

fn migrations(from: &mut BodyReader<'_>, node: u32) -> Read<Vec<TypeMigration>> {
    from.list(|from| {
        let (version, id) = (from.number()?, from.text()?);
        let source = from.option(|from| from.source(Kinds::Version1, node, &id))?;
        Ok(TypeMigration { from: version, id, injective: false, exact: false, source: source.map(Source::from) })
    })
}
