//! Reads the text form.

use super::lines::Lines;
use crate::schema::{Limits, Schema};
use crate::snapshot::constant::{Constant, Target};
use crate::snapshot::definition::{Definition, Definitions, FieldWords, Header, Meaning, VariantWords};
use crate::snapshot::expression::needs_quotes;
use crate::snapshot::header::{Hinted, NO_FUNCTIONS, integers_named, known_version};
use crate::snapshot::json_tree::parse_at;
use crate::snapshot::part::{Part, Record};
use crate::snapshot::places::Places;
use crate::snapshot::scan::{At, Position, Scanner};
use crate::snapshot::{
    Configuration, ConversionHint, EnumHints, FieldHints, NodeHints, OpaqueHints, OpaqueMigration, ParseSnapshotError,
    RecordHints, RemovedVariant, RootHints, SerializerSnapshot, Source, StructHints, TypeMigration, VariantHints,
};
use crate::text::{did_you_mean, nearest};

impl SerializerSnapshot {
    /// Reads the text form. What the header leaves out is taken from the root.
    ///
    /// # Errors
    /// The text is not that of a snapshot; the error names line and column.
    pub fn from_text(text: &str) -> Result<Self, ParseSnapshotError> {
        if text.len() > Limits::SNAPSHOT_TEXT_BYTES {
            return Err(ParseSnapshotError::TooLarge { size: text.len() });
        }
        let mut lines = Lines::of(text);
        let mut first = lines.expect(0, "the line `typeser-snapshot 1`")?;
        first.expect("typeser-snapshot ")?;
        let read_version_at = first.position();
        let read_version = known_version(first.number("a format version")?, read_version_at)?;
        first.expect_end()?;
        let (mut name, mut version, mut configuration) = (None, None, Configuration::default());
        while let Some(mut line) = lines.peek().filter(|line| !line.starts("root")).map(|line| line.scanner) {
            let at = line.position();
            match line.word() {
                "name" => {
                    line.expect(" ")?;
                    name = Some(line.name()?);
                }
                "version" => {
                    line.expect(" ")?;
                    version = Some(line.number("a version from 0 to 4294967295")?);
                }
                "integers" => {
                    line.expect(" ")?;
                    let at = line.position();
                    configuration.integers = integers_named(line.word(), at)?;
                }
                "ordered" => configuration.ordered = true,
                word => {
                    let near = did_you_mean(word, ["name", "version", "integers", "ordered", "root"]);
                    return Err(at.error(format!("expected `name`, `version`, `integers`, `ordered` or `root`{near}")));
                }
            }
            line.expect_end()?;
            lines.next += 1;
        }
        let layout = layout(&mut lines, 0, Hinted::Yes)?;
        if let Some(line) = lines.peek() {
            return Err(line.scanner.unexpected("`struct`, `enum` or `type`, or another indentation"));
        }
        let header = Header { name, version, configuration, read_version, read_version_at };
        layout.snapshot(header, |snapshot| snapshot.to_text() == text)
    }
}

fn layout(lines: &mut Lines<'_>, indent: usize, hinted: Hinted) -> Result<Definitions, ParseSnapshotError> {
    let mut root = lines.expect(indent, "`root` and a type")?;
    root.expect("root ")?;
    let root = rest(&root);
    let (root_hints, root_places) = match hinted {
        Hinted::Yes => root_hints(lines, indent + 2)?,
        Hinted::WithoutFunctions | Hinted::No => (RootHints::default(), Places::default()),
    };
    let mut types = Vec::new();
    while let Some(line) = lines.peek().filter(|line| line.indent == indent && !line.is_hint()) {
        let mut scanner = line.scanner;
        let at = scanner.position();
        let definition = match scanner.word() {
            "struct" => structure,
            "enum" => enumeration,
            "type" => shape,
            word => {
                let near = did_you_mean(word, ["struct", "enum", "type"]);
                return Err(at.error(format!("expected `struct`, `enum` or `type` and a name{near}")));
            }
        };
        lines.next += 1;
        scanner.expect(" ")?;
        let definition = definition(scanner, lines, indent)?;
        hinted.check(&definition)?;
        types.push(definition);
    }
    Ok(Definitions { root, root_hints, root_places, types })
}

/// The layout that a function reads, or that a type was before. Inside of one there are no further ones.
fn source(lines: &mut Lines<'_>, indent: usize, hinted: Hinted) -> Result<Source, ParseSnapshotError> {
    if std::mem::replace(&mut lines.within_source, true) {
        let at = lines.peek().map_or(lines.end, |line| line.scanner.position());
        return Err(at.error(NO_FUNCTIONS));
    }
    let source = layout(lines, indent, hinted)?.source();
    lines.within_source = false;
    source
}

fn structure(header: Scanner<'_>, lines: &mut Lines<'_>, indent: usize) -> Result<Definition, ParseSnapshotError> {
    let (reference, version) = named(header)?;
    let mut hints = StructHints::default();
    let mut constants = Vec::new();
    let mut fields = Vec::new();
    let mut places = Places::default();
    loop {
        if let Some(mut line) = lines.take(indent + 2, true) {
            let at = line.position();
            match hint(&mut line)? {
                "alias" => {
                    places.add(Part::TypeAlias(hints.aliases.len()), at);
                    hints.aliases.push(argument(line)?);
                }
                "was" => {
                    places.add(Part::Was(hints.was.len()), at);
                    hints.was.push(was(line, lines, indent + 2)?);
                }
                "migrate" => {
                    places.add(Part::Migration(hints.migrations.len()), at);
                    hints.migrations.push(migration(line, lines, indent + 2)?);
                }
                "removed" => {
                    places.add(Part::RemovedField(None, hints.record.removed.len()), at);
                    hints.record.removed.push(argument(line)?);
                }
                word => return Err(unknown(&line, word, &["alias", "was", "migrate", "removed"])),
            }
        } else if let Some(line) = lines.take(indent + 2, false) {
            let at = (None, fields.len());
            let (field, of_field) = field(line, lines, indent + 4, at, &mut places, &mut constants)?;
            fields.push(field);
            hints.record.fields.push(of_field);
        } else {
            let meaning = Meaning::Struct { version, fields };
            return Ok(Definition { reference, meaning, hints: Some(NodeHints::Struct(hints)), constants, places });
        }
    }
}

fn enumeration(header: Scanner<'_>, lines: &mut Lines<'_>, indent: usize) -> Result<Definition, ParseSnapshotError> {
    let (reference, version) = named(header)?;
    let mut hints = EnumHints::default();
    let mut constants = Vec::new();
    let mut variants = Vec::new();
    let mut places = Places::default();
    loop {
        if let Some(mut line) = lines.take(indent + 2, true) {
            let at = line.position();
            match hint(&mut line)? {
                "alias" => {
                    places.add(Part::TypeAlias(hints.aliases.len()), at);
                    hints.aliases.push(argument(line)?);
                }
                "was" => {
                    places.add(Part::Was(hints.was.len()), at);
                    hints.was.push(was(line, lines, indent + 2)?);
                }
                "migrate" => {
                    places.add(Part::Migration(hints.migrations.len()), at);
                    hints.migrations.push(migration(line, lines, indent + 2)?);
                }
                "removed" => {
                    places.add(Part::RemovedVariant(hints.removed.len()), at);
                    hints.removed.push(removed_variant(line, hints.removed.len(), &mut constants)?);
                }
                "fallback" if hints.fallback.is_none() => {
                    places.add(Part::Fallback, at);
                    hints.fallback = Some(argument(line)?);
                }
                word => return Err(unknown(&line, word, &["alias", "was", "migrate", "removed", "fallback"])),
            }
        } else if let Some(line) = lines.take(indent + 2, false) {
            let number = variants.len();
            let (variant, of_variant) = variant(line, lines, indent + 4, number, &mut places, &mut constants)?;
            variants.push(variant);
            hints.variants.push(of_variant);
        } else {
            let meaning = Meaning::Enum { version, variants };
            return Ok(Definition { reference, meaning, hints: Some(NodeHints::Enum(hints)), constants, places });
        }
    }
}

fn shape(mut header: Scanner<'_>, lines: &mut Lines<'_>, indent: usize) -> Result<Definition, ParseSnapshotError> {
    let reference = until(&mut header, " = ")?;
    let meaning = Meaning::Shape(rest(&header));
    let mut hints: Option<OpaqueHints> = None;
    while let Some(mut line) = lines.take(indent + 2, true) {
        let hints = hints.get_or_insert_default();
        match hint(&mut line)? {
            "alias" => {
                line.expect(" ")?;
                hints.aliases.push(line.name()?);
            }
            "canonical" => hints.canonical = true,
            "reads" => {
                line.expect(" ")?;
                hints.reads.push(line.number("a version from 0 to 4294967295")?);
            }
            "migrate" => {
                let (from, id) = from_and_id(&mut line)?;
                hints.migrates.push(OpaqueMigration { from, id });
            }
            word => return Err(unknown(&line, word, &["alias", "canonical", "reads", "migrate"])),
        }
        line.expect_end()?;
    }
    let hints = hints.map(NodeHints::Opaque);
    Ok(Definition { reference, meaning, hints, constants: Vec::new(), places: Places::default() })
}

fn variant(
    mut line: Scanner<'_>,
    lines: &mut Lines<'_>,
    indent: usize,
    number: usize,
    places: &mut Places,
    constants: &mut Vec<Constant>,
) -> Result<(VariantWords, VariantHints), ParseSnapshotError> {
    places.add(Part::Tag(number), line.position());
    let tag = line.number("the tag of a variant, from 0 to 4294967295")?;
    line.expect(" ")?;
    places.add(Part::Variant(number), line.position());
    let name = line.name()?;
    line.expect_end()?;
    let mut hints = VariantHints { aliases: Vec::new(), record: RecordHints::default() };
    let mut fields = Vec::new();
    loop {
        if let Some(mut line) = lines.take(indent, true) {
            let at = line.position();
            match hint(&mut line)? {
                "alias" => {
                    places.add(Part::VariantAlias(number, hints.aliases.len()), at);
                    hints.aliases.push(argument(line)?);
                }
                "removed" => {
                    places.add(Part::RemovedField(Some(number), hints.record.removed.len()), at);
                    hints.record.removed.push(argument(line)?);
                }
                word => return Err(unknown(&line, word, &["alias", "removed"])),
            }
        } else if let Some(line) = lines.take(indent, false) {
            let at = (Some(number), fields.len());
            let (field, of_field) = field(line, lines, indent + 2, at, places, constants)?;
            fields.push(field);
            hints.record.fields.push(of_field);
        } else {
            return Ok((VariantWords { name, tag, fields }, hints));
        }
    }
}

fn field(
    mut line: Scanner<'_>,
    lines: &mut Lines<'_>,
    indent: usize,
    (of, number): (Record, usize),
    places: &mut Places,
    constants: &mut Vec<Constant>,
) -> Result<(FieldWords, FieldHints), ParseSnapshotError> {
    places.add(Part::Field(of, number), line.position());
    let name = line.name()?;
    line.expect(" ")?;
    let expression = rest(&line);
    let mut hints = FieldHints::default();
    while let Some(mut line) = lines.take(indent, true) {
        let at = line.position();
        match hint(&mut line)? {
            "alias" => {
                places.add(Part::FieldAlias(of, number, hints.aliases.len()), at);
                hints.aliases.push(argument(line)?);
            }
            "default-value" => constants.push(constant(line, Target::Default(of, number))?),
            "none-value" => constants.push(constant(line, Target::None(of, number))?),
            "default" if hints.default.is_none() => {
                places.add(Part::Default(of, number), at);
                hints.default = Some(bytes(line)?);
            }
            "none" if hints.none.is_none() => {
                places.add(Part::None(of, number), at);
                hints.none = Some(bytes(line)?);
            }
            "convert" => {
                places.add(Part::Conversion(of, number, hints.conversions.len()), at);
                hints.conversions.push(conversion(line, lines, indent)?);
            }
            word => {
                return Err(unknown(
                    &line,
                    word,
                    &["alias", "default", "default-value", "none", "none-value", "convert"],
                ));
            }
        }
    }
    Ok((FieldWords { name, expression }, hints))
}

/// The layout that a type or value was before.
fn was(line: Scanner<'_>, lines: &mut Lines<'_>, indent: usize) -> Result<Schema, ParseSnapshotError> {
    line.expect_end()?;
    Ok(source(lines, indent + 2, Hinted::No)?.schema().clone())
}

/// What is declared of the value as a whole, below the line of the root.
fn root_hints(lines: &mut Lines<'_>, indent: usize) -> Result<(RootHints, Places), ParseSnapshotError> {
    let (mut hints, mut places) = (RootHints::default(), Places::default());
    while let Some(mut line) = lines.take(indent, true) {
        let at = line.position();
        match hint(&mut line)? {
            "was" => {
                places.add(Part::RootWas(hints.was.len()), at);
                hints.was.push(was(line, lines, indent)?);
            }
            "none" if hints.none.is_none() => {
                places.add(Part::RootNone, at);
                hints.none = Some(bytes(line)?);
            }
            "convert" => {
                places.add(Part::RootConversion(hints.conversions.len()), at);
                hints.conversions.push(conversion(line, lines, indent)?);
            }
            word => return Err(unknown(&line, word, &["was", "none", "convert"])),
        }
    }
    Ok((hints, places))
}

fn conversion(
    mut line: Scanner<'_>,
    lines: &mut Lines<'_>,
    indent: usize,
) -> Result<ConversionHint, ParseSnapshotError> {
    line.expect(" ")?;
    let id = line.name()?;
    let injective = line.take(" injective");
    line.expect_end()?;
    Ok(ConversionHint { id, injective, source: source(lines, indent + 2, Hinted::WithoutFunctions)? })
}

fn migration(mut line: Scanner<'_>, lines: &mut Lines<'_>, indent: usize) -> Result<TypeMigration, ParseSnapshotError> {
    let (from, id) = from_and_id(&mut line)?;
    let (injective, exact) = (line.take(" injective"), line.take(" exact"));
    line.expect_end()?;
    let has_source = lines.peek().is_some_and(|line| line.indent > indent);
    let source = has_source.then(|| source(lines, indent + 2, Hinted::WithoutFunctions)).transpose()?;
    Ok(TypeMigration { from, id, injective, exact, source })
}

fn from_and_id(line: &mut Scanner<'_>) -> Result<(u32, String), ParseSnapshotError> {
    line.expect(" ")?;
    let from = line.number("the version that is migrated from")?;
    line.expect(" ")?;
    Ok((from, line.name()?))
}

fn removed_variant(
    mut line: Scanner<'_>,
    number: usize,
    constants: &mut Vec<Constant>,
) -> Result<RemovedVariant, ParseSnapshotError> {
    line.expect(" ")?;
    let name = line.name()?;
    if line.take(" becomes-value") {
        constants.push(constant(line, Target::Becomes(number))?);
        return Ok(RemovedVariant { name, becomes: None });
    }
    let becomes = if line.take(" becomes ") { Some(line.bytes()?) } else { None };
    line.expect_end()?;
    Ok(RemovedVariant { name, becomes })
}

/// The name and version of a struct or enum.
fn named(mut header: Scanner<'_>) -> Result<(At<String>, u32), ParseSnapshotError> {
    let reference = until(&mut header, " v")?;
    let version = header.number("a version from 0 to 4294967295")?;
    header.expect_end()?;
    Ok((reference, version))
}

/// Takes the reference before this token, and the token.
fn until(header: &mut Scanner<'_>, token: &str) -> Result<At<String>, ParseSnapshotError> {
    let (at, begin) = (header.position(), header.rest());
    if header.peek() == Some('"') {
        header.quoted()?;
    } else {
        header.take("$");
        header.bare();
    }
    if header.take("#") {
        header.word();
    }
    let value = begin[..begin.len() - header.rest().len()].to_owned();
    let whole = begin.rsplit_once(token).map(|(name, _)| name.trim_end());
    if let Some(name) = whole.filter(|name| name.len() > value.len() && !header.rest().starts_with(token)) {
        return Err(at.error(needs_quotes(name)));
    }
    header.expect(token)?;
    Ok(At { at, value })
}

/// The word behind the `@`.
fn hint<'a>(line: &mut Scanner<'a>) -> Result<&'a str, ParseSnapshotError> {
    line.expect("@")?;
    Ok(line.word())
}

fn unknown(line: &Scanner<'_>, word: &str, known: &[&str]) -> ParseSnapshotError {
    // The scanner is after the word and its `@`.
    let behind = line.position();
    let at = Position { column: behind.column.saturating_sub(word.chars().count() + 1), ..behind };
    if known.contains(&word) {
        return at.error(format!("`@{word}` stands here twice"));
    }
    let near = nearest(word, known.iter().copied());
    let near = near.map(|near| format!(", did you mean `@{near}`?")).unwrap_or_default();
    let known: Vec<String> = known.iter().map(|known| format!("`@{known}`")).collect();
    at.error(format!("`@{word}` has no meaning here{near} (known: {})", known.join(", ")))
}

fn argument(mut line: Scanner<'_>) -> Result<String, ParseSnapshotError> {
    line.expect(" ")?;
    let name = line.name()?;
    line.expect_end()?;
    Ok(name)
}

/// A constant that is written as a value, in JSON.
fn constant(mut line: Scanner<'_>, of: Target) -> Result<Constant, ParseSnapshotError> {
    line.expect(" ")?;
    Ok(Constant { of, value: parse_at(line.rest(), line.position())? })
}

fn bytes(mut line: Scanner<'_>) -> Result<Vec<u8>, ParseSnapshotError> {
    line.expect(" ")?;
    let bytes = line.bytes()?;
    line.expect_end()?;
    Ok(bytes)
}

fn rest(line: &Scanner<'_>) -> At<String> {
    At { at: line.position(), value: line.rest().to_owned() }
}
