//! Reads version 2 of a snapshot's body. Every byte is drawn in `docs/format.md`.

use super::body::BodyReader;
use super::body_layout::Kinds;
use super::{
    Configuration, ConversionHint, FieldHints, NodeHints, OpaqueMigration, ReadSnapshotError, RecordHints,
    RemovedVariant, RootHints, SerializerSnapshot, SnapshotError, Source, TypeMigration, VariantHints,
};
use crate::schema::Schema;

type Read<T> = Result<T, ReadSnapshotError>;

/// The snapshot whose body takes up all of these bytes.
pub(super) fn read(body: &[u8]) -> Read<SerializerSnapshot> {
    let mut from = BodyReader::new(body);
    let (name, version, integers) = (from.text()?, from.number()?, from.integers()?);
    let configuration = Configuration { integers, ordered: from.bool()? };
    let schema = from.schema(Kinds::Version2)?;
    let root = RootHints {
        was: layouts(&mut from, 0)?,
        none: from.option(BodyReader::bytes)?,
        conversions: conversions(&mut from, 0)?,
    };
    let hints = hints(&mut from, &schema, true)?;
    let snapshot = SerializerSnapshot::with_root(name, version, configuration, schema, hints, root)?;
    if snapshot.beyond_version_1().is_none() {
        return Err(from.unwanted("version 1 can hold this snapshot, so it is written in that version"));
    }
    from.finish()?;
    snapshot.check_declared().map_err(SnapshotError::from)?;
    Ok(snapshot)
}

/// The hints of all nodes of a layout. Those of a layout that a function reads name no `functions`: nothing recurses.
fn hints(from: &mut BodyReader<'_>, schema: &Schema, functions: bool) -> Read<Vec<NodeHints>> {
    let mut hints: Vec<NodeHints> = schema.nodes().iter().map(NodeHints::empty).collect();
    from.sparse("node", &mut hints, NodeHints::is_empty, |from, node, hints| node_hints(from, node, hints, functions))?;
    Ok(hints)
}

fn node_hints(from: &mut BodyReader<'_>, node: u32, hints: &mut NodeHints, functions: bool) -> Read<()> {
    match (from.number()?, hints) {
        (0, NodeHints::Struct(hints)) => {
            hints.aliases = from.texts()?;
            if functions {
                hints.was = layouts(from, node)?;
                hints.migrations = migrations(from, node)?;
            }
            record(from, node, &mut hints.record, functions)
        }
        (1, NodeHints::Enum(hints)) => {
            hints.aliases = from.texts()?;
            if functions {
                hints.was = layouts(from, node)?;
                hints.migrations = migrations(from, node)?;
            }
            hints.removed =
                from.list(|from| Ok(RemovedVariant { name: from.text()?, becomes: from.option(BodyReader::bytes)? }))?;
            hints.fallback = from.option(BodyReader::text)?;
            from.sparse("variant", &mut hints.variants, VariantHints::is_empty, |from, _, hints| {
                hints.aliases = from.texts()?;
                record(from, node, &mut hints.record, functions)
            })
        }
        (2, NodeHints::Opaque(hints)) => {
            hints.aliases = from.texts()?;
            hints.canonical = from.bool()?;
            hints.reads = from.list(BodyReader::number)?;
            if functions {
                hints.migrates = from.list(|from| Ok(OpaqueMigration { from: from.number()?, id: from.text()? }))?;
            }
            Ok(())
        }
        (0..=2, _) => Err(ReadSnapshotError::HintsOrder { part: "node", number: node }),
        (number, _) => Err(from.unknown(number, "a kind of hints")),
    }
}

fn record(from: &mut BodyReader<'_>, node: u32, hints: &mut RecordHints, functions: bool) -> Read<()> {
    hints.removed = from.texts()?;
    from.sparse("field", &mut hints.fields, FieldHints::is_empty, |from, _, hints| {
        hints.aliases = from.texts()?;
        hints.default = from.option(BodyReader::bytes)?;
        hints.none = from.option(BodyReader::bytes)?;
        if functions {
            hints.conversions = conversions(from, node)?;
        }
        Ok(())
    })
}

fn conversions(from: &mut BodyReader<'_>, node: u32) -> Read<Vec<ConversionHint>> {
    from.list(|from| {
        let (id, injective) = (from.text()?, from.bool()?);
        Ok(ConversionHint { source: source(from, node, &id)?, id, injective })
    })
}

fn migrations(from: &mut BodyReader<'_>, node: u32) -> Read<Vec<TypeMigration>> {
    from.list(|from| {
        let (version, id) = (from.number()?, from.text()?);
        let [injective, exact] = match from.number()? {
            promises @ 0..=3 => [promises & 1 != 0, promises & 2 != 0],
            promises => return Err(from.unknown(promises, "what a function promises")),
        };
        let source = from.option(|from| source(from, node, &id))?;
        Ok(TypeMigration { from: version, id, injective, exact, source })
    })
}

fn layouts(from: &mut BodyReader<'_>, node: u32) -> Read<Vec<Schema>> {
    from.list(|from| from.source(Kinds::Version2, node, "was"))
}

fn source(from: &mut BodyReader<'_>, node: u32, id: &str) -> Read<Source> {
    let schema = from.source(Kinds::Version2, node, id)?;
    let hints = hints(from, &schema, false)?;
    Ok(Source::new(schema, hints))
}
