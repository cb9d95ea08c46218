//! Writes the text form.

use std::fmt::Write as _;

use crate::schema::{Line, Names, Schema, layout, quoted};
use crate::snapshot::{
    CURRENT_VERSION, EnumHints, FieldHints, NodeHints, OpaqueHints, RecordHints, SerializerSnapshot, StructHints,
    TypeMigration,
};
use crate::text::hex;

impl SerializerSnapshot {
    /// The text form, in the current version.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("typeser-snapshot {CURRENT_VERSION}\n");
        _ = writeln!(text, "name {}", quoted(self.name()));
        _ = writeln!(text, "version {}", self.version());
        _ = writeln!(text, "integers {}", self.configuration().integers);
        let hints = self.hints();
        let names = Names::of(self.schema(), |id| !hints[id.index()].is_empty());
        layout(&mut text, "", self.schema(), &names, &mut |text, indent, line| match line {
            Line::Type(id) => of_type(text, indent, &hints[id.index()]),
            Line::Variant(id, variant) => {
                if let NodeHints::Enum(EnumHints { variants, .. }) = &hints[id.index()] {
                    lines(text, indent, "alias", &variants[variant].aliases);
                    of_record(text, indent, &variants[variant].record);
                }
            }
            Line::Field(id, variant, field) => match (&hints[id.index()], variant) {
                (NodeHints::Struct(hints), _) => of_field(text, indent, &hints.record.fields[field]),
                (NodeHints::Enum(hints), Some(variant)) => {
                    of_field(text, indent, &hints.variants[variant].record.fields[field]);
                }
                _ => {}
            },
        });
        text
    }
}

fn of_type(text: &mut String, indent: &str, hints: &NodeHints) {
    match hints {
        NodeHints::None => {}
        NodeHints::Struct(StructHints { aliases, migrations, record }) => {
            lines(text, indent, "alias", aliases);
            of_migrations(text, indent, migrations);
            of_record(text, indent, record);
        }
        NodeHints::Enum(EnumHints { aliases, migrations, removed, fallback, variants: _ }) => {
            lines(text, indent, "alias", aliases);
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
        NodeHints::Opaque(OpaqueHints { canonical, reads, migrates }) => {
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
        _ = writeln!(text, "{indent}@migrate {} {}", migration.from, quoted(&migration.id));
        migration.source.iter().for_each(|source| of_source(text, indent, source));
    }
}

fn of_record(text: &mut String, indent: &str, hints: &RecordHints) {
    lines(text, indent, "removed", &hints.removed);
}

fn of_field(text: &mut String, indent: &str, hints: &FieldHints) {
    lines(text, indent, "alias", &hints.aliases);
    for (key, bytes) in [("default", &hints.default), ("none", &hints.none)] {
        if let Some(bytes) = bytes {
            _ = writeln!(text, "{indent}@{key} 0x{}", hex::encode(bytes));
        }
    }
    for conversion in &hints.conversions {
        let injective = if conversion.injective { " injective" } else { "" };
        _ = writeln!(text, "{indent}@convert {}{injective}", quoted(&conversion.id));
        of_source(text, indent, &conversion.source);
    }
}

/// The layout that a function reads, a step further in.
fn of_source(text: &mut String, indent: &str, source: &Schema) {
    layout(text, &format!("{indent}  "), source, &Names::of(source, |_| false), &mut |_, _, _| {});
}

fn lines(text: &mut String, indent: &str, key: &str, names: &[String]) {
    for name in names {
        _ = writeln!(text, "{indent}@{key} {}", quoted(name));
    }
}
