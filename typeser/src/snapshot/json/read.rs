//! Reads the JSON form.

use super::value::{Json, Object, parse};
use crate::schema::{Limits, Schema};
use crate::snapshot::definition::{Definition, Definitions, FieldWords, Meaning, VariantWords};
use crate::snapshot::header::{integers_named, known_version};
use crate::snapshot::scan::Position;
use crate::snapshot::{
    Configuration, ConversionHint, EnumHints, FieldHints, NodeHints, OpaqueHints, OpaqueMigration, ParseSnapshotError,
    RecordHints, RemovedVariant, SerializerSnapshot, StructHints, TypeMigration, VariantHints,
};

impl SerializerSnapshot {
    /// Reads the JSON form. Whatever is left out has its default: name and version those of the root, integers fixed,
    /// the versions of types 1, tags the positions of variants. `docs/snapshot.schema.json` in the repository is the
    /// schema of this form; the key `$schema` may name it, for editors.
    ///
    /// # Errors
    /// The text is not that of a snapshot; the error names line and column.
    pub fn from_json(text: &str) -> Result<Self, ParseSnapshotError> {
        if text.len() > Limits::SNAPSHOT_TEXT_BYTES {
            return Err(ParseSnapshotError::TooLarge { size: text.len() });
        }
        let mut json = parse(text)?.object()?;
        // Editors use it to find the schema of this form. It is ignored here.
        json.take("$schema").map(Json::string).transpose()?;
        let version = json.expect("typeser-snapshot")?;
        let at = version.at;
        let read_version = known_version(version.number()?, at)?;
        let name = json.take("name").map(Json::string).transpose()?;
        let version = json.take("version").map(Json::number).transpose()?;
        let mut configuration = Configuration::default();
        if let Some(integers) = json.take("integers").map(Json::string).transpose()? {
            configuration.integers = integers_named(&integers.value, integers.at)?;
        }
        let parts = layout(json, Hinted::Yes)?.assemble()?;
        let name = name.map_or_else(|| parts.name(), |name| name.value);
        let version = version.unwrap_or_else(|| parts.version());
        Ok(Self::new(name, version, configuration, parts.schema, parts.hints)?.with_read_version(read_version))
    }
}

/// Whether a layout may have hints; the layouts that functions read have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hinted {
    Yes,
    No,
}

fn layout(mut json: Object, hinted: Hinted) -> Result<Definitions, ParseSnapshotError> {
    let root = json.expect("root")?.expression()?;
    let types = json
        .list("types")?
        .into_iter()
        .map(|item| {
            let definition = definition(item, hinted)?;
            if hinted == Hinted::No && definition.hints.as_ref().is_some_and(|hints| !hints.is_empty()) {
                let at = definition.reference.at;
                return Err(at.error("the layout that a function reads has no hints of its own"));
            }
            Ok(definition)
        })
        .collect::<Result<_, ParseSnapshotError>>()?;
    json.finish()?;
    Ok(Definitions { root, types })
}

fn definition(json: Json, hinted: Hinted) -> Result<Definition, ParseSnapshotError> {
    let mut json = json.object()?;
    let definition = if let Some(reference) = json.take("struct") {
        structure(reference, &mut json, hinted)
    } else if let Some(reference) = json.take("enum") {
        enumeration(reference, &mut json, hinted)
    } else if let Some(reference) = json.take("type") {
        shape(reference, &mut json)
    } else {
        let message = "a definition says what it defines: one of the keys `struct`, `enum`, `type`";
        Err(json.mistyped(&["struct", "enum", "type"], message))
    }?;
    json.finish()?;
    Ok(definition)
}

fn structure(reference: Json, json: &mut Object, hinted: Hinted) -> Result<Definition, ParseSnapshotError> {
    let version = json.number("version", 1)?;
    let aliases = json.strings("alias")?;
    let migrations = migrations(json, hinted)?;
    let (fields, record) = record(json, hinted)?;
    let meaning = Meaning::Struct { version, fields };
    let hints = StructHints { aliases, migrations, record };
    Ok(Definition { reference: reference.expression()?, meaning, hints: Some(NodeHints::Struct(hints)) })
}

fn enumeration(reference: Json, json: &mut Object, hinted: Hinted) -> Result<Definition, ParseSnapshotError> {
    let version = json.number("version", 1)?;
    let aliases = json.strings("alias")?;
    let migrations = migrations(json, hinted)?;
    let removed = json
        .list("removed")?
        .into_iter()
        .map(|item| {
            let mut json = item.object()?;
            let removed =
                RemovedVariant { name: json.expect("name")?.string()?.value, becomes: json.bytes("becomes")? };
            json.finish()?;
            Ok(removed)
        })
        .collect::<Result<_, ParseSnapshotError>>()?;
    let fallback = json.take("fallback").map(Json::string).transpose()?.map(|name| name.value);
    let mut words = Vec::new();
    let mut variants = Vec::new();
    for (place, item) in (0u32..).zip(json.list("variants")?) {
        let mut json = item.object()?;
        let name = json.expect("name")?.string()?.value;
        let tag = json.number("tag", place)?;
        let aliases = json.strings("alias")?;
        let (fields, record) = record(&mut json, hinted)?;
        json.finish()?;
        words.push(VariantWords { name, tag, fields });
        variants.push(VariantHints { aliases, record });
    }
    let meaning = Meaning::Enum { version, variants: words };
    let hints = EnumHints { aliases, migrations, removed, fallback, variants };
    Ok(Definition { reference: reference.expression()?, meaning, hints: Some(NodeHints::Enum(hints)) })
}

fn shape(reference: Json, json: &mut Object) -> Result<Definition, ParseSnapshotError> {
    let meaning = Meaning::Shape(json.expect("is")?.expression()?);
    let canonical = json.bool("canonical")?;
    let reads = json.list("reads")?.into_iter().map(Json::number).collect::<Result<_, ParseSnapshotError>>()?;
    let migrates = json
        .list("migrate")?
        .into_iter()
        .map(|item| {
            let mut json = item.object()?;
            let migration =
                OpaqueMigration { from: json.expect("from")?.number()?, id: json.expect("id")?.string()?.value };
            json.finish()?;
            Ok(migration)
        })
        .collect::<Result<_, ParseSnapshotError>>()?;
    let hints = NodeHints::Opaque(OpaqueHints { canonical, reads, migrates });
    Ok(Definition { reference: reference.expression()?, meaning, hints: Some(hints).filter(|hints| !hints.is_empty()) })
}

/// The keys `removed` and `fields` of a struct or variant.
fn record(json: &mut Object, hinted: Hinted) -> Result<(Vec<FieldWords>, RecordHints), ParseSnapshotError> {
    let mut hints = RecordHints { removed: json.strings("removed")?, fields: Vec::new() };
    let mut fields = Vec::new();
    for item in json.list("fields")? {
        let mut json = item.object()?;
        let name = json.expect("name")?.string()?.value;
        let expression = json.expect("type")?.expression()?;
        fields.push(FieldWords { name, expression });
        hints.fields.push(FieldHints {
            aliases: json.strings("alias")?,
            default: json.bytes("default")?,
            none: json.bytes("none")?,
            conversions: conversions(&mut json, hinted)?,
        });
        json.finish()?;
    }
    Ok((fields, hints))
}

fn conversions(json: &mut Object, hinted: Hinted) -> Result<Vec<ConversionHint>, ParseSnapshotError> {
    json.list("convert")?
        .into_iter()
        .map(|item| {
            let at = item.at;
            let mut json = item.object()?;
            let id = json.expect("id")?.string()?.value;
            let injective = json.bool("injective")?;
            let source = json.expect("source")?;
            json.finish()?;
            Ok(ConversionHint { id, injective, source: source_of(source, at, hinted)? })
        })
        .collect()
}

fn migrations(json: &mut Object, hinted: Hinted) -> Result<Vec<TypeMigration>, ParseSnapshotError> {
    json.list("migrate")?
        .into_iter()
        .map(|item| {
            let at = item.at;
            let mut json = item.object()?;
            let from = json.expect("from")?.number()?;
            let id = json.expect("id")?.string()?.value;
            let source = json.take("source").map(|source| source_of(source, at, hinted)).transpose()?;
            json.finish()?;
            Ok(TypeMigration { from, id, source })
        })
        .collect()
}

/// The layout that a function reads; inside of one there are no further ones.
fn source_of(json: Json, at: Position, hinted: Hinted) -> Result<Schema, ParseSnapshotError> {
    match hinted {
        Hinted::Yes => layout(json.object()?, Hinted::No)?.schema(),
        Hinted::No => Err(at.error("the layout that a function reads has no hints of its own")),
    }
}
