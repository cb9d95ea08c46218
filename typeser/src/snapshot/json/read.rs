//! Reads the JSON form.

use crate::schema::{Limits, Schema};
use crate::snapshot::constant::{Constant, Target};
use crate::snapshot::definition::{Definition, Definitions, FieldWords, Header, Meaning, VariantWords};
use crate::snapshot::header::{Hinted, NO_FUNCTIONS, integers_named, known_version};
use crate::snapshot::json_tree::{Json, Object, parse};
use crate::snapshot::part::{Part, Record};
use crate::snapshot::places::Places;
use crate::snapshot::scan::Position;
use crate::snapshot::{
    Configuration, ConversionHint, EnumHints, FieldHints, NodeHints, OpaqueHints, OpaqueMigration, ParseSnapshotError,
    RecordHints, RemovedVariant, RootHints, SerializerSnapshot, Source, StructHints, TypeMigration, VariantHints,
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
        let (read_version, read_version_at) = (known_version(version.number()?, at)?, at);
        let name = json.take("name").map(Json::string).transpose()?.map(|name| name.value);
        let version = json.take("version").map(Json::number).transpose()?;
        let mut configuration = Configuration::default();
        if let Some(integers) = json.take("integers").map(Json::string).transpose()? {
            configuration.integers = integers_named(&integers.value, integers.at)?;
        }
        configuration.ordered = json.bool("ordered")?;
        let header = Header { name, version, configuration, read_version, read_version_at };
        layout(json, Hinted::Yes)?.snapshot(header, |snapshot| snapshot.to_json() == text)
    }
}

fn layout(mut json: Object, hinted: Hinted) -> Result<Definitions, ParseSnapshotError> {
    let root = json.expect("root")?.expression()?;
    let (root_hints, root_places) = match hinted {
        Hinted::Yes => root_hints(&mut json)?,
        Hinted::WithoutFunctions | Hinted::No => (RootHints::default(), Places::default()),
    };
    let types = json
        .list("types")?
        .into_iter()
        .map(|item| {
            let definition = definition(item, hinted)?;
            hinted.check(&definition)?;
            Ok(definition)
        })
        .collect::<Result<_, ParseSnapshotError>>()?;
    json.finish()?;
    Ok(Definitions { root, root_hints, root_places, types })
}

/// What is declared of the value as a whole.
fn root_hints(json: &mut Object) -> Result<(RootHints, Places), ParseSnapshotError> {
    let mut places = Places::default();
    let was = layouts(json, Hinted::Yes, &mut places, Part::RootWas)?;
    let none = bytes(json, "none", &mut places, Part::RootNone)?;
    let conversions = conversions(json, Hinted::Yes, &mut places, Part::RootConversion)?;
    Ok((RootHints { was, none, conversions }, places))
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
    let mut places = Places::default();
    let version = json.number("version", 1)?;
    let aliases = names(json, "alias", &mut places, Part::TypeAlias)?;
    let was = layouts(json, hinted, &mut places, Part::Was)?;
    let migrations = migrations(json, hinted, &mut places)?;
    let mut constants = Vec::new();
    let (fields, record) = record(json, hinted, None, &mut places, &mut constants)?;
    let meaning = Meaning::Struct { version, fields };
    let hints = Some(NodeHints::Struct(StructHints { aliases, was, migrations, record }));
    Ok(Definition { reference: reference.expression()?, meaning, hints, constants, places })
}

fn enumeration(reference: Json, json: &mut Object, hinted: Hinted) -> Result<Definition, ParseSnapshotError> {
    let mut places = Places::default();
    let version = json.number("version", 1)?;
    let aliases = names(json, "alias", &mut places, Part::TypeAlias)?;
    let was = layouts(json, hinted, &mut places, Part::Was)?;
    let migrations = migrations(json, hinted, &mut places)?;
    let mut constants = Vec::new();
    let mut removed = Vec::new();
    for item in json.list("removed")? {
        let mut json = item.object()?;
        let name = json.expect("name")?.string()?;
        places.add(Part::RemovedVariant(removed.len()), name.at);
        constants.extend(constant(&mut json, "becomes-value", Target::Becomes(removed.len())));
        removed.push(RemovedVariant { name: name.value, becomes: json.bytes("becomes")? });
        json.finish()?;
    }
    let fallback = json.take("fallback").map(Json::string).transpose()?.map(|name| {
        places.add(Part::Fallback, name.at);
        name.value
    });
    let mut words = Vec::new();
    let mut variants = Vec::new();
    for (number, item) in json.list("variants")?.into_iter().enumerate() {
        let mut json = item.object()?;
        let name = json.expect("name")?.string()?;
        places.add(Part::Variant(number), name.at);
        let tag = json.take("tag");
        places.add(Part::Tag(number), tag.as_ref().map_or(name.at, |tag| tag.at));
        let tag = tag.map_or_else(|| Ok(u32::try_from(number).unwrap_or(u32::MAX)), Json::number)?;
        let aliases = names(&mut json, "alias", &mut places, |alias| Part::VariantAlias(number, alias))?;
        let (fields, record) = record(&mut json, hinted, Some(number), &mut places, &mut constants)?;
        json.finish()?;
        words.push(VariantWords { name: name.value, tag, fields });
        variants.push(VariantHints { aliases, record });
    }
    let meaning = Meaning::Enum { version, variants: words };
    let hints = Some(NodeHints::Enum(EnumHints { aliases, was, migrations, removed, fallback, variants }));
    Ok(Definition { reference: reference.expression()?, meaning, hints, constants, places })
}

fn shape(reference: Json, json: &mut Object) -> Result<Definition, ParseSnapshotError> {
    let meaning = Meaning::Shape(json.expect("is")?.expression()?);
    let mut places = Places::default();
    let aliases = names(json, "alias", &mut places, Part::TypeAlias)?;
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
    let hints = NodeHints::Opaque(OpaqueHints { canonical, reads, migrates, aliases });
    let hints = Some(hints).filter(|hints| !hints.is_empty());
    Ok(Definition { reference: reference.expression()?, meaning, hints, constants: Vec::new(), places })
}

/// A constant of a hint that is written as a value.
fn constant(json: &mut Object, key: &'static str, of: Target) -> Option<Constant> {
    json.take(key).map(|value| Constant { of, value })
}

/// A list of names, each of which is a part.
fn names(
    json: &mut Object,
    key: &'static str,
    places: &mut Places,
    part: impl Fn(usize) -> Part,
) -> Result<Vec<String>, ParseSnapshotError> {
    let names = json.list(key)?.into_iter().enumerate().map(|(number, name)| {
        let name = name.string()?;
        places.add(part(number), name.at);
        Ok(name.value)
    });
    names.collect()
}

/// The keys `removed` and `fields` of a struct or variant.
fn record(
    json: &mut Object,
    hinted: Hinted,
    of: Record,
    places: &mut Places,
    constants: &mut Vec<Constant>,
) -> Result<(Vec<FieldWords>, RecordHints), ParseSnapshotError> {
    let removed = names(json, "removed", places, |removed| Part::RemovedField(of, removed))?;
    let mut hints = RecordHints { removed, fields: Vec::new() };
    let mut fields = Vec::new();
    for (number, item) in json.list("fields")?.into_iter().enumerate() {
        let mut json = item.object()?;
        let name = json.expect("name")?.string()?;
        places.add(Part::Field(of, number), name.at);
        let expression = json.expect("type")?.expression()?;
        fields.push(FieldWords { name: name.value, expression });
        constants.extend(constant(&mut json, "default-value", Target::Default(of, number)));
        constants.extend(constant(&mut json, "none-value", Target::None(of, number)));
        hints.fields.push(FieldHints {
            aliases: names(&mut json, "alias", places, |alias| Part::FieldAlias(of, number, alias))?,
            default: bytes(&mut json, "default", places, Part::Default(of, number))?,
            none: bytes(&mut json, "none", places, Part::None(of, number))?,
            conversions: conversions(&mut json, hinted, places, |at| Part::Conversion(of, number, at))?,
        });
        json.finish()?;
    }
    Ok((fields, hints))
}

fn conversions(
    json: &mut Object,
    hinted: Hinted,
    places: &mut Places,
    part: impl Fn(usize) -> Part,
) -> Result<Vec<ConversionHint>, ParseSnapshotError> {
    let conversions = json.list("convert")?.into_iter().enumerate().map(|(number, item)| {
        let at = item.at;
        places.add(part(number), at);
        let mut json = item.object()?;
        let id = json.expect("id")?.string()?.value;
        let injective = json.bool("injective")?;
        let source = json.expect("source")?;
        json.finish()?;
        Ok(ConversionHint { id, injective, source: source_of(source, at, hinted)? })
    });
    conversions.collect()
}

fn migrations(
    json: &mut Object,
    hinted: Hinted,
    places: &mut Places,
) -> Result<Vec<TypeMigration>, ParseSnapshotError> {
    let migrations = json.list("migrate")?.into_iter().enumerate().map(|(number, item)| {
        let at = item.at;
        places.add(Part::Migration(number), at);
        let mut json = item.object()?;
        let from = json.expect("from")?.number()?;
        let id = json.expect("id")?.string()?.value;
        let (injective, exact) = (json.bool("injective")?, json.bool("exact")?);
        let source = json.take("source").map(|source| source_of(source, at, hinted)).transpose()?;
        json.finish()?;
        Ok(TypeMigration { from, id, injective, exact, source })
    });
    migrations.collect()
}

/// The layouts that a type or value was before.
fn layouts(
    json: &mut Object,
    hinted: Hinted,
    places: &mut Places,
    part: impl Fn(usize) -> Part,
) -> Result<Vec<Schema>, ParseSnapshotError> {
    let layouts = json.list("was")?.into_iter().enumerate().map(|(number, item)| {
        let at = item.at;
        places.add(part(number), at);
        match hinted {
            Hinted::Yes => Ok(layout(item.object()?, Hinted::No)?.source()?.schema().clone()),
            Hinted::WithoutFunctions | Hinted::No => Err(at.error(NO_FUNCTIONS)),
        }
    });
    layouts.collect()
}

/// The layout that a function reads; inside of one there are no further ones.
fn source_of(json: Json, at: Position, hinted: Hinted) -> Result<Source, ParseSnapshotError> {
    match hinted {
        Hinted::Yes => layout(json.object()?, Hinted::WithoutFunctions)?.source(),
        Hinted::WithoutFunctions | Hinted::No => Err(at.error(NO_FUNCTIONS)),
    }
}

fn bytes(
    json: &mut Object,
    key: &'static str,
    places: &mut Places,
    part: Part,
) -> Result<Option<Vec<u8>>, ParseSnapshotError> {
    let Some(value) = json.take(key) else { return Ok(None) };
    places.add(part, value.at);
    value.bytes().map(Some)
}
