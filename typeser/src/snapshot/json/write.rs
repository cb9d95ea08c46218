//! Writes the JSON form.

use std::fmt::Write as _;

use crate::schema::{Field, Names, Node, NodeId, Schema};
use crate::snapshot::{
    ConversionHint, FieldHints, NodeHints, OpaqueHints, RecordHints, SerializerSnapshot, Source, TypeMigration,
    VariantHints,
};
use crate::text::{hex, is_unseen};

impl SerializerSnapshot {
    /// The JSON form, in the earliest version that can hold this snapshot, with a line break at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        let hints = self.hints();
        let names = Names::of(self.schema(), |id| !hints[id.index()].is_empty());
        let mut json = format!("{{\n  \"typeser-snapshot\": {},\n", self.written_version());
        _ = writeln!(json, "  \"name\": {},", string(self.name()));
        _ = writeln!(json, "  \"version\": {},", self.version());
        _ = writeln!(json, "  \"integers\": \"{}\",", self.configuration().integers);
        if self.configuration().ordered {
            json.push_str("  \"ordered\": true,\n");
        }
        _ = write!(json, "  \"root\": {}", string(&names.expression(self.schema(), NodeId::ROOT)));
        let root = self.root_hints();
        layouts(&mut json, "  ", &root.was);
        bytes(&mut json, "none", root.none.as_deref());
        conversions(&mut json, "  ", &root.conversions);
        if names.defined(self.schema()).next().is_some() {
            json.push_str(",\n  \"types\": ");
            types(&mut json, "  ", self.schema(), &names, hints);
        }
        json.push_str("\n}\n");
        json
    }
}

/// The array of definitions.
fn types(json: &mut String, indent: &str, schema: &Schema, names: &Names, hints: &[NodeHints]) {
    let defined: Vec<NodeId> = names.defined(schema).collect();
    rows(json, indent, &defined, |json, inner, id| {
        let reference = string(names.reference(*id).unwrap_or_default());
        let of_node = hints.get(id.index()).unwrap_or(&NodeHints::None);
        match schema.node(*id) {
            Node::Struct(node) => {
                _ = write!(json, "{{\"struct\": {reference}, \"version\": {}", node.version);
                let mut record = &RecordHints::default();
                if let NodeHints::Struct(hints) = of_node {
                    strings(json, "alias", &hints.aliases);
                    layouts(json, inner, &hints.was);
                    migrations(json, inner, &hints.migrations);
                    strings(json, "removed", &hints.record.removed);
                    record = &hints.record;
                }
                fields(json, inner, &node.fields, record, schema, names);
            }
            Node::Enum(node) => {
                _ = write!(json, "{{\"enum\": {reference}, \"version\": {}", node.version);
                let mut variants: &[VariantHints] = &[];
                if let NodeHints::Enum(hints) = of_node {
                    strings(json, "alias", &hints.aliases);
                    layouts(json, inner, &hints.was);
                    migrations(json, inner, &hints.migrations);
                    list(json, "removed", &hints.removed, |json, removed| {
                        _ = write!(json, "{{\"name\": {}", string(&removed.name));
                        bytes(json, "becomes", removed.becomes.as_deref());
                        json.push('}');
                    });
                    if let Some(fallback) = &hints.fallback {
                        _ = write!(json, ", \"fallback\": {}", string(fallback));
                    }
                    variants = &hints.variants;
                }
                if !node.variants.is_empty() {
                    json.push_str(", \"variants\": ");
                    let numbered: Vec<_> = node.variants.iter().enumerate().collect();
                    rows(json, inner, &numbered, |json, inner, (number, variant)| {
                        _ = write!(json, "{{\"name\": {}, \"tag\": {}", string(&variant.name), variant.tag);
                        let mut record = &RecordHints::default();
                        if let Some(hints) = variants.get(*number) {
                            strings(json, "alias", &hints.aliases);
                            strings(json, "removed", &hints.record.removed);
                            record = &hints.record;
                        }
                        fields(json, inner, &variant.fields, record, schema, names);
                        json.push('}');
                    });
                }
            }
            _ => {
                _ = write!(json, "{{\"type\": {reference}, \"is\": {}", string(&names.shape(schema, *id)));
                if let NodeHints::Opaque(hints) = of_node {
                    opaque(json, hints);
                }
            }
        }
        json.push('}');
    });
}

fn fields(json: &mut String, indent: &str, fields: &[Field], hints: &RecordHints, schema: &Schema, names: &Names) {
    if fields.is_empty() {
        return;
    }
    json.push_str(", \"fields\": ");
    let numbered: Vec<_> = fields.iter().enumerate().collect();
    rows(json, indent, &numbered, |json, inner, (number, field)| {
        let expression = string(&names.expression(schema, field.node));
        _ = write!(json, "{{\"name\": {}, \"type\": {expression}", string(&field.name));
        if let Some(hints) = hints.fields.get(*number) {
            of_field(json, inner, hints);
        }
        json.push('}');
    });
}

fn of_field(json: &mut String, indent: &str, hints: &FieldHints) {
    strings(json, "alias", &hints.aliases);
    bytes(json, "default", hints.default.as_deref());
    bytes(json, "none", hints.none.as_deref());
    conversions(json, indent, &hints.conversions);
}

fn conversions(json: &mut String, indent: &str, conversions: &[ConversionHint]) {
    list(json, "convert", conversions, |json, conversion| {
        _ = write!(json, "{{\"id\": {}", string(&conversion.id));
        if conversion.injective {
            json.push_str(", \"injective\": true");
        }
        source(json, indent, &conversion.source);
        json.push('}');
    });
}

fn migrations(json: &mut String, indent: &str, migrations: &[TypeMigration]) {
    list(json, "migrate", migrations, |json, migration| {
        _ = write!(json, "{{\"from\": {}, \"id\": {}", migration.from, string(&migration.id));
        if migration.injective {
            json.push_str(", \"injective\": true");
        }
        if migration.exact {
            json.push_str(", \"exact\": true");
        }
        migration.source.iter().for_each(|read| source(json, indent, read));
        json.push('}');
    });
}

/// The layout that a function reads.
fn source(json: &mut String, indent: &str, source: &Source) {
    json.push_str(", \"source\": ");
    layout(json, indent, source.schema(), source.hints());
}

/// The layouts that a type or value was before.
fn layouts(json: &mut String, indent: &str, layouts: &[Schema]) {
    list(json, "was", layouts, |json, schema| layout(json, indent, schema, &[]));
}

fn layout(json: &mut String, indent: &str, schema: &Schema, hints: &[NodeHints]) {
    let names = Names::of(schema, |id| hints.get(id.index()).is_some_and(|hints| !hints.is_empty()));
    _ = write!(json, "{{\"root\": {}", string(&names.expression(schema, NodeId::ROOT)));
    if names.defined(schema).next().is_some() {
        json.push_str(", \"types\": ");
        types(json, indent, schema, &names, hints);
    }
    json.push('}');
}

fn opaque(json: &mut String, hints: &OpaqueHints) {
    strings(json, "alias", &hints.aliases);
    if hints.canonical {
        json.push_str(", \"canonical\": true");
    }
    list(json, "reads", &hints.reads, |json, version| _ = write!(json, "{version}"));
    list(json, "migrate", &hints.migrates, |json, migration| {
        _ = write!(json, "{{\"from\": {}, \"id\": {}}}", migration.from, string(&migration.id));
    });
}

/// An array with a line for each item.
fn rows<T>(json: &mut String, indent: &str, items: &[T], mut write: impl FnMut(&mut String, &str, &T)) {
    let inner = format!("{indent}  ");
    json.push('[');
    for (number, item) in items.iter().enumerate() {
        json.push_str(if number == 0 { "\n" } else { ",\n" });
        json.push_str(&inner);
        write(json, &inner, item);
    }
    _ = write!(json, "\n{indent}]");
}

/// `, "key": [...]` on one line, or nothing if the list is empty.
fn list<T>(json: &mut String, key: &str, items: &[T], mut write: impl FnMut(&mut String, &T)) {
    for (number, item) in items.iter().enumerate() {
        if number == 0 {
            _ = write!(json, ", \"{key}\": [");
        } else {
            json.push_str(", ");
        }
        write(json, item);
    }
    if !items.is_empty() {
        json.push(']');
    }
}

fn strings(json: &mut String, key: &str, items: &[String]) {
    list(json, key, items, |json, item| json.push_str(&string(item)));
}

fn bytes(json: &mut String, key: &str, bytes: Option<&[u8]>) {
    if let Some(bytes) = bytes {
        _ = write!(json, ", \"{key}\": \"0x{}\"", hex::encode(bytes));
    }
}

/// A string of JSON; what cannot be seen is escaped.
pub(crate) fn string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            c if is_unseen(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    _ = write!(json, "\\u{unit:04x}");
                }
            }
            c => json.push(c),
        }
    }
    json.push('"');
    json
}
