//! Writes the text form.

use std::fmt::Write as _;

use crate::schema::{Line, Names, Schema, layout, quoted};
use crate::snapshot::{
    ConversionHint, EnumHints, FieldHints, NodeHints, OpaqueHints, RecordHints, RootHints, SerializerSnapshot, Source,
    StructHints, TypeMigration,
};
use crate::text::hex;

impl SerializerSnapshot {
    /// The text form, in the earliest version that can hold this snapshot.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("typeser-snapshot {}\n", self.written_version());
        _ = writeln!(text, "name {}", quoted(self.name()));
        _ = writeln!(text, "version {}", self.version());
        _ = writeln!(text, "integers {}", self.configuration().integers);
        if self.configuration().ordered {
            text.push_str("ordered\n");
        }
        of_layout(&mut text, "", self.schema(), self.hints(), self.root_hints());
        text
    }
}

/// A layout and its hints, one set a node, or none at all.
fn of_layout(text: &mut String, indent: &str, schema: &Schema, hints: &[NodeHints], root: &RootHints) {
    let names = Names::of(schema, |id| hints.get(id.index()).is_some_and(|hints| !hints.is_empty()));
    let begin = text.len();
    layout(text, indent, schema, &names, &mut |text, indent, line| match line {
        Line::Type(id) => hints.get(id.index()).into_iter().for_each(|hints| of_type(text, indent, hints)),
        Line::Variant(id, variant) => {
            if let Some(NodeHints::Enum(EnumHints { variants, .. })) = hints.get(id.index()) {
                lines(text, indent, "alias", &variants[variant].aliases);
                of_record(text, indent, &variants[variant].record);
            }
        }
        Line::Field(id, variant, field) => match (hints.get(id.index()), variant) {
            (Some(NodeHints::Struct(hints)), _) => of_field(text, indent, &hints.record.fields[field]),
            (Some(NodeHints::Enum(hints)), Some(variant)) => {
                of_field(text, indent, &hints.variants[variant].record.fields[field]);
            }
            _ => {}
        },
    });
    // They follow the line of the root, which is the first.
    let mut declared = String::new();
    of_root(&mut declared, &format!("{indent}  "), root);
    if let Some(length) = text[begin..].find('\n') {
        text.insert_str(begin + length + 1, &declared);
    }
}

fn of_root(text: &mut String, indent: &str, hints: &RootHints) {
    of_layouts(text, indent, &hints.was);
    of_bytes(text, indent, "none", hints.none.as_deref());
    of_conversions(text, indent, &hints.conversions);
}

fn of_type(text: &mut String, indent: &str, hints: &NodeHints) {
    match hints {
        NodeHints::None => {}
        NodeHints::Struct(StructHints { aliases, was, migrations, record }) => {
            lines(text, indent, "alias", aliases);
            of_layouts(text, indent, was);
            of_migrations(text, indent, migrations);
            of_record(text, indent, record);
        }
        NodeHints::Enum(EnumHints { aliases, was, migrations, removed, fallback, variants: _ }) => {
            lines(text, indent, "alias", aliases);
            of_layouts(text, indent, was);
            of_migrations(text, indent, migrations);
            for removed in removed {
                _ = write!(text, "{indent}@removed {}", quoted(&removed.name));
                if let Some(becomes) = &removed.becomes {
                    _ = write!(text, " becomes 0x{}", hex::encode(becomes));
                }
                text.push('\n');
            }
            lines(text, indent, "fallback", fallback.as_slice());
        }
        NodeHints::Opaque(OpaqueHints { canonical, reads, migrates, aliases }) => {
            lines(text, indent, "alias", aliases);
            if *canonical {
                _ = writeln!(text, "{indent}@canonical");
            }
            for version in reads {
                _ = writeln!(text, "{indent}@reads {version}");
            }
            for migration in migrates {
                _ = writeln!(text, "{indent}@migrate {} {}", migration.from, quoted(&migration.id));
            }
        }
    }
}

fn of_migrations(text: &mut String, indent: &str, migrations: &[TypeMigration]) {
    for migration in migrations {
        let injective = if migration.injective { " injective" } else { "" };
        let exact = if migration.exact { " exact" } else { "" };
        _ = writeln!(text, "{indent}@migrate {} {}{injective}{exact}", migration.from, quoted(&migration.id));
        migration.source.iter().for_each(|source| of_source(text, indent, source));
    }
}

fn of_record(text: &mut String, indent: &str, hints: &RecordHints) {
    lines(text, indent, "removed", &hints.removed);
}

fn of_field(text: &mut String, indent: &str, hints: &FieldHints) {
    lines(text, indent, "alias", &hints.aliases);
    of_bytes(text, indent, "default", hints.default.as_deref());
    of_bytes(text, indent, "none", hints.none.as_deref());
    of_conversions(text, indent, &hints.conversions);
}

fn of_bytes(text: &mut String, indent: &str, key: &str, bytes: Option<&[u8]>) {
    if let Some(bytes) = bytes {
        _ = writeln!(text, "{indent}@{key} 0x{}", hex::encode(bytes));
    }
}

fn of_conversions(text: &mut String, indent: &str, conversions: &[ConversionHint]) {
    for conversion in conversions {
        let injective = if conversion.injective { " injective" } else { "" };
        _ = writeln!(text, "{indent}@convert {}{injective}", quoted(&conversion.id));
        of_source(text, indent, &conversion.source);
    }
}

fn of_layouts(text: &mut String, indent: &str, layouts: &[Schema]) {
    for schema in layouts {
        _ = writeln!(text, "{indent}@was");
        of_layout(text, &format!("{indent}  "), schema, &[], &RootHints::default());
    }
}

/// The layout that a function reads, a step further in.
fn of_source(text: &mut String, indent: &str, source: &Source) {
    of_layout(text, &format!("{indent}  "), source.schema(), source.hints(), &RootHints::default());
}

fn lines(text: &mut String, indent: &str, key: &str, names: &[String]) {
    for name in names {
        _ = writeln!(text, "{indent}@{key} {}", quoted(name));
    }
}
