//! Fixes as lines of a snapshot that a person writes, in its text form or in JSON.

use std::collections::HashSet;

use super::{ConvertToo, Fix, Migrate, Site};
use crate::schema::{EnumNode, Field, Names, Node, NodeId, StructNode, Variant, quoted};
use crate::snapshot::{SerializerSnapshot, json_string};

/// The form of a snapshot that a person edits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileForm {
    /// The text form.
    Text,
    /// JSON.
    Json,
}

/// A hint, in both forms: what follows the `@` of the text form, with further lines, and the key and value of JSON.
struct Hint {
    text: String,
    json: String,
}

impl Fix {
    /// What to type where the new side is a snapshot in a file, if there is something to type. `..` is for the reader
    /// to fill in, and is refused when the file is read.
    ///
    /// In the text form, the hints follow the line that they belong to. In JSON, `..` at the end of an object stands
    /// for the keys that it has already.
    ///
    /// ```
    /// use typeser::resolve::{FileForm, Policy, Role};
    /// use typeser::{SerializerSnapshot, resolve};
    ///
    /// let snapshot = |field: &str| {
    ///     let begin = "typeser-snapshot 1\nroot Order\n\nstruct Order v1\n";
    ///     SerializerSnapshot::from_text(&format!("{begin}  {field} string\n"))
    /// };
    /// let (stored, new) = (snapshot("note")?, snapshot("remark")?);
    /// let resolution = resolve(&stored, &new, Role::Value, &Policy::default());
    /// let fix = &resolution.findings()[0].fixes[0];
    /// let lines = fix.code_in_file(FileForm::Text, &stored, &new);
    /// assert_eq!(lines.as_deref(), Some("remark string\n  @alias note"));
    /// let lines = fix.code_in_file(FileForm::Json, &stored, &new);
    /// assert_eq!(lines.as_deref(), Some(r#"{"name": "remark", "alias": ["note"], ..}"#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn code_in_file(
        &self,
        form: FileForm,
        stored: &SerializerSnapshot,
        new: &SerializerSnapshot,
    ) -> Option<String> {
        let file = InFile { form, stored, new };
        match self {
            Self::Alias { site, former, .. } => file.part(*site, vec![alias(former)]),
            Self::RemoveField { site, field, .. } => {
                let (text, json) = (format!("removed {}", quoted(field)), format!("[{}]", json_string(field)));
                file.part(*site, vec![Hint { text, json: format!("\"removed\": {json}") }])
            }
            Self::ReplaceVariant { site, variant, .. } => {
                let json = format!("\"removed\": [{{\"name\": {}, \"becomes-value\": ..}}]", json_string(variant));
                let text = format!("removed {} becomes-value ..", quoted(variant));
                file.part(*site, vec![Hint { text, json }])
            }
            Self::Default { site, .. } => file.part(*site, vec![constant("default-value")]),
            Self::NoneValue { site, more, .. } => {
                let sites = std::iter::once(site).chain(more.iter().map(|other| &other.site));
                let parts = sites.map(|site| file.part(*site, vec![constant("none-value")]));
                Some(parts.collect::<Option<Vec<String>>>()?.join("\n"))
            }
            Self::Optional { site, .. } => {
                let field = file.field(*site)?;
                Some(file.new_field(&field.name, &format!("option<{}>", expression(new, field.node)), None))
            }
            Self::KeepField { stored: site, declaration, .. } => {
                let field = InFile { new: stored, ..file }.field(*site)?;
                let default = declaration.is_some().then(|| constant("default-value"));
                Some(file.new_field(&field.name, &expression(stored, field.node), default))
            }
            Self::Convert { site, stored: source, more, .. } => {
                let first = file.part(*site, vec![file.source("convert", *source, "")])?;
                let others = more
                    .iter()
                    .map(|ConvertToo { site, stored, .. }| file.part(*site, vec![file.source("convert", *stored, "")]));
                let all: Option<Vec<String>> = std::iter::once(Some(first)).chain(others).collect();
                Some(all?.join("\n"))
            }
            Self::Was { site, stored, .. } => file.part(*site, vec![file.source("was", *stored, "")]),
            Self::EarlierType { .. } => Some(file.whole(file.source("was", NodeId::ROOT, ""))),
            Self::ConvertWhole { injective, .. } => {
                let injective = if *injective { " injective" } else { "" };
                Some(file.whole(file.source("convert", NodeId::ROOT, injective)))
            }
            Self::NoneValueOfWhole => Some(file.whole(constant("none"))),
            Self::Injective { site, function, .. } => {
                let text = format!("convert {} injective", quoted(function));
                let json = format!("\"convert\": [{{\"id\": {}, \"injective\": true, ..}}]", json_string(function));
                file.part(*site, vec![Hint { text, json }])
            }
            Self::InjectiveMigration(promise) => {
                let hints = promise.functions.iter().map(|(from, id)| Hint {
                    text: format!("migrate {from} {} injective", quoted(id)),
                    json: format!(
                        "\"migrate\": [{{\"from\": {from}, \"id\": {}, \"injective\": true, ..}}]",
                        json_string(id)
                    ),
                });
                file.part(promise.site, hints.collect())
            }
            Self::Widen { to } => Some(to.name().to_owned()),
            Self::Migrate(migrate) => file.migrate(migrate),
            Self::MigrateOlder { site, from, .. } => {
                let json = format!("\"migrate\": [{{\"from\": {from}, \"id\": ..}}, ..]");
                file.part(*site, vec![Hint { text: format!("migrate {from} .."), json }])
            }
            Self::OtherName { site, name, needs_default, .. } => {
                let mut hints = vec![alias(name)];
                hints.extend(needs_default.then(|| constant("default-value")));
                file.renamed(*site, hints)
            }
            Self::LeafFunction { site, from } => {
                let json = format!("\"migrate\": [{{\"from\": {from}, \"id\": ..}}]");
                file.part(*site, vec![Hint { text: format!("migrate {from} .."), json }])
            }
            Self::LeafReads { site, versions, .. } => {
                let numbers: Vec<String> = versions.iter().map(ToString::to_string).collect();
                let text = numbers.iter().map(|version| format!("reads {version}")).collect::<Vec<_>>().join("\n  @");
                file.part(*site, vec![Hint { text, json: format!("\"reads\": [{}]", numbers.join(", ")) }])
            }
            Self::Rekey { .. } => self.code(),
            // Their texts say all.
            Self::KeepVariant { .. }
            | Self::KeepType { .. }
            | Self::KeepWhole { .. }
            | Self::ReadStoredLayout { .. }
            | Self::ReadAnyLayout { .. }
            | Self::InjectiveWhole { .. }
            | Self::Transparent { .. }
            | Self::OtherUid
            | Self::NewerRelease
            | Self::EarlierState
            | Self::ReadDownwards
            | Self::Advice(_) => None,
        }
    }
}

fn alias(former: &str) -> Hint {
    Hint { text: format!("alias {}", quoted(former)), json: format!("\"alias\": [{}]", json_string(former)) }
}

/// A constant, which the reader fills in.
fn constant(key: &str) -> Hint {
    Hint { text: format!("{key} .."), json: format!("\"{key}\": ..") }
}

/// A type as both forms refer to it.
fn expression(snapshot: &SerializerSnapshot, node: NodeId) -> String {
    names(snapshot).expression(snapshot.schema(), node)
}

/// How the file refers to types.
fn names(snapshot: &SerializerSnapshot) -> Names {
    Names::of(snapshot.schema(), |id| !snapshot.hints()[id.index()].is_empty())
}

/// The new snapshot in a file, and the stored one.
#[derive(Clone, Copy)]
struct InFile<'a> {
    form: FileForm,
    stored: &'a SerializerSnapshot,
    new: &'a SerializerSnapshot,
}

impl<'a> InFile<'a> {
    /// A part of the new snapshot with hints.
    fn part(self, site: Site, hints: Vec<Hint>) -> Option<String> {
        let [text, json] = self.begin(site)?;
        Some(self.written(&text, &json, &hints))
    }

    /// The same, under another name.
    fn renamed(self, site: Site, hints: Vec<Hint>) -> Option<String> {
        let text = match self.field(site) {
            Some(field) => format!(".. {}", expression(self.new, field.node)),
            None => format!("{} ..", self.variant(site, site.variant?)?.tag),
        };
        Some(self.written(&text, "\"name\": ..", &hints))
    }

    fn written(self, text: &str, json: &str, hints: &[Hint]) -> String {
        match self.form {
            FileForm::Text => hints.iter().fold(text.to_owned(), |lines, hint| format!("{lines}\n  @{}", hint.text)),
            FileForm::Json => {
                let keys: Vec<&str> =
                    std::iter::once(json).chain(hints.iter().map(|hint| hint.json.as_str())).collect();
                format!("{{{}, ..}}", keys.join(", "))
            }
        }
    }

    /// A whole field.
    fn new_field(self, name: &str, expression: &str, hint: Option<Hint>) -> String {
        match self.form {
            FileForm::Text => {
                let hint = hint.map(|hint| format!("\n  @{}", hint.text)).unwrap_or_default();
                format!("{} {expression}{hint}", quoted(name))
            }
            FileForm::Json => {
                let hint = hint.map(|hint| format!(", {}", hint.json)).unwrap_or_default();
                format!("{{\"name\": {}, \"type\": {}{hint}}}", json_string(name), json_string(expression))
            }
        }
    }

    /// How a part begins, in both forms.
    fn begin(self, site: Site) -> Option<[String; 2]> {
        if let Some(field) = self.field(site) {
            let text = format!("{} {}", quoted(&field.name), expression(self.new, field.node));
            return Some([text, format!("\"name\": {}", json_string(&field.name))]);
        }
        if let Some(at) = site.variant {
            let variant = self.variant(site, at)?;
            let text = format!("{} {}", variant.tag, quoted(&variant.name));
            return Some([text, format!("\"name\": {}", json_string(&variant.name))]);
        }
        self.defined(site.node, None)
    }

    /// The definition of a type, in a version if it is given.
    fn defined(self, node: NodeId, version: Option<u32>) -> Option<[String; 2]> {
        let (word, declared) = match self.new.schema().node(node) {
            Node::Struct(StructNode { version, .. }) => ("struct", *version),
            Node::Enum(EnumNode { version, .. }) => ("enum", *version),
            Node::Opaque(_) => {
                // It has a name of its own where it has hints already.
                let names = names(self.new);
                let (name, shape) = (names.reference(node), names.shape(self.new.schema(), node));
                let json = name.map_or_else(|| String::from(".."), json_string);
                let json = format!("\"type\": {json}, \"is\": {}", json_string(&shape));
                return Some([format!("type {} = {shape}", name.unwrap_or("..")), json]);
            }
            _ => return None,
        };
        let name = expression(self.new, node);
        let shown = version.unwrap_or(declared);
        let number = version.map(|version| format!(", \"version\": {version}")).unwrap_or_default();
        Some([format!("{word} {name} v{shown}"), format!("\"{word}\": {}{number}", json_string(&name))])
    }

    fn migrate(self, migrate: &Migrate) -> Option<String> {
        let [text, json] = self.defined(migrate.site.node, Some(migrate.version))?;
        let mut hints: Vec<Hint> = migrate.alias.iter().map(|former| alias(former)).collect();
        let from = migrate.from;
        hints.push(Hint {
            text: format!("migrate {from} .."),
            json: format!("\"migrate\": [{{\"from\": {from}, \"id\": ..}}]"),
        });
        Some(self.written(&text, &json, &hints))
    }

    /// A hint of the value as a whole.
    fn whole(self, hint: Hint) -> String {
        let root = expression(self.new, NodeId::ROOT);
        self.written(&format!("root {root}"), &format!("\"root\": {}", json_string(&root)), &[hint])
    }

    /// A declaration with a stored type: a function that reads it, or that it has the same bytes.
    fn source(self, key: &str, source: NodeId, injective: &str) -> Hint {
        let root = expression(self.stored, source);
        let (lines, types) = if self.has_definitions(source) { ("\n    ..", ", \"types\": [..]") } else { ("", "") };
        let layout = format!("{{\"root\": {}{types}}}", json_string(&root));
        let (text, json) = match key {
            "was" => (String::from("was"), layout),
            _ => {
                let promise = if injective.is_empty() { "" } else { ", \"injective\": true" };
                (format!("convert ..{injective}"), format!("{{\"id\": ..{promise}, \"source\": {layout}}}"))
            }
        };
        Hint { text: format!("{text}\n    root {root}{lines}"), json: format!("\"{key}\": [{json}]") }
    }

    /// Whether a stored type refers to definitions.
    fn has_definitions(self, source: NodeId) -> bool {
        let names = names(self.stored);
        let (mut open, mut seen) = (vec![source], HashSet::from([source]));
        while let Some(id) = open.pop() {
            if names.reference(id).is_some() {
                return true;
            }
            open.extend(self.stored.schema().node(id).children().filter(|child| seen.insert(*child)));
        }
        false
    }

    fn field(self, site: Site) -> Option<&'a Field> {
        let fields = match (self.new.schema().node(site.node), site.variant) {
            (Node::Struct(node), _) => &node.fields,
            (Node::Enum(node), Some(variant)) => &node.variants.get(variant)?.fields,
            _ => return None,
        };
        fields.get(site.field?)
    }

    fn variant(self, site: Site, at: usize) -> Option<&'a Variant> {
        match self.new.schema().node(site.node) {
            Node::Enum(node) => node.variants.get(at),
            _ => None,
        }
    }
}
