//! Changes of what types declare for other releases: aliases, removed names, constants and functions. They change no byte
//! of a value, and fingerprints do not show them.

use typeser::SerializerSnapshot;
use typeser::report::Level;
use typeser::resolve::Role;
use typeser::schema::{Field, Node, NodeId, Schema};
use typeser::snapshot::{
    EnumHints, FieldHints, NodeHints, OpaqueHints, RecordHints, RemovedVariant, TypeMigration, VariantHints,
};
use typeser::text::hex;
use typeser::value::Value;

use crate::output::Problem;

/// A change of a declaration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Change {
    /// The kind of a change that may lose data of older releases; `None` for all others.
    pub(crate) kind: Option<&'static str>,
    /// The type, field or variant, and what changed: `` `Order.note`: the alias `remark` is new ``.
    pub(crate) message: String,
}

/// A removed name is not declared any more.
const REMOVED_NAME_DROPPED: &str = "removed-name-dropped";
/// A removed name is an alias now.
const REMOVED_NAME_RETURNS: &str = "removed-name-returns";
/// The tag of a removed variant belongs to another variant now.
pub(crate) const REMOVED_TAG_REUSED: &str = "removed-tag-reused";

/// The kinds of changes that may lose data of older releases.
pub(crate) const KINDS: [&str; 3] = [REMOVED_NAME_DROPPED, REMOVED_NAME_RETURNS, REMOVED_TAG_REUSED];

/// What to do about a change of this kind.
fn help(kind: &str) -> &'static str {
    match kind {
        REMOVED_NAME_DROPPED => {
            "declare it as removed for as long as data of a release that had it may exist; a new field or variant of \
             that name would read the old data"
        }
        REMOVED_NAME_RETURNS => {
            "give the alias another name, if the data of that name is to stay removed: a release that skipped the \
             removal now reads it"
        }
        _ => "give the new variant a tag that no variant had: tools that know only tags take one for the other",
    }
}

/// The changes from one snapshot to another, of types that both have.
pub(crate) fn changes(old: &SerializerSnapshot, new: &SerializerSnapshot) -> Vec<Change> {
    let mut changes = Changes { old, new, found: Vec::new() };
    changes.of_whole();
    for (id, node) in new.schema().ids().zip(new.schema().nodes()) {
        let Some(before) = counterpart(old, node) else { continue };
        changes.of_type((before, id));
    }
    changes.found.dedup();
    changes.found
}

/// The node of the same name.
fn counterpart(snapshot: &SerializerSnapshot, node: &Node) -> Option<NodeId> {
    let is_same = |other: &Node| match (node, other) {
        (Node::Struct(node), Node::Struct(other)) => node.name == other.name,
        (Node::Enum(node), Node::Enum(other)) => node.name == other.name,
        (Node::Opaque(node), Node::Opaque(other)) => node.name == other.name,
        _ => false,
    };
    let schema = snapshot.schema();
    schema.ids().zip(schema.nodes()).find(|(_, other)| is_same(other)).map(|(id, _)| id)
}

struct Changes<'a> {
    old: &'a SerializerSnapshot,
    new: &'a SerializerSnapshot,
    found: Vec<Change>,
}

impl Changes<'_> {
    fn of_type(&mut self, (old, new): (NodeId, NodeId)) {
        let (before, now) = (&self.old.hints()[old.index()], &self.new.hints()[new.index()]);
        let (schema, old_schema) = (self.new.schema(), self.old.schema());
        match (old_schema.get(old), schema.get(new), before, now) {
            (Some(Node::Struct(was)), Some(Node::Struct(is)), NodeHints::Struct(before), NodeHints::Struct(now)) => {
                self.names(&is.name, "alias", &before.aliases, &now.aliases);
                self.stored_types(&is.name, &before.was, &now.was);
                self.migrations(&is.name, &before.migrations, &now.migrations);
                self.record(&is.name, (&was.fields, &before.record), (&is.fields, &now.record));
            }
            (Some(Node::Enum(was)), Some(Node::Enum(is)), NodeHints::Enum(before), NodeHints::Enum(now)) => {
                self.names(&is.name, "alias", &before.aliases, &now.aliases);
                self.stored_types(&is.name, &before.was, &now.was);
                self.migrations(&is.name, &before.migrations, &now.migrations);
                self.removed_variants(&is.name, before, now, (old, new));
                if before.fallback != now.fallback {
                    let name = |fallback: &Option<String>| fallback.clone().map_or("none".into(), |name| tick(&name));
                    let (was, is_now) = (name(&before.fallback), name(&now.fallback));
                    self.add(&is.name, format!("removed variants become {is_now}, and became {was} before"));
                }
                for (place, variant) in is.variants.iter().enumerate() {
                    let Some(at) = was.variants.iter().position(|other| other.name == variant.name) else { continue };
                    let owner = format!("{}::{}", is.name, variant.name);
                    let (of_old, of_new) = (&before.variants[at], &now.variants[place]);
                    self.names(&owner, "alias", &of_old.aliases, &of_new.aliases);
                    let fields = (&was.variants[at].fields, &variant.fields);
                    self.record(&owner, (fields.0, &of_old.record), (fields.1, &of_new.record));
                }
                self.reused_tags(
                    &is.name,
                    was.variants.iter().map(|variant| (variant.tag, variant.name.as_str())),
                    is,
                    now,
                );
            }
            (Some(Node::Opaque(_)), Some(Node::Opaque(is)), NodeHints::Opaque(before), NodeHints::Opaque(now)) => {
                self.leaf(&is.name, before, now);
            }
            _ => {}
        }
    }

    /// Fields of both records, and the names that were removed from them.
    fn record(&mut self, owner: &str, (was, before): (&[Field], &RecordHints), (is, now): (&[Field], &RecordHints)) {
        let aliases: Vec<&String> = now.fields.iter().flat_map(|field| &field.aliases).collect();
        let declares = |name: &String| now.removed.contains(name) || is.iter().any(|field| field.name == *name);
        for name in &before.removed {
            if aliases.contains(&name) {
                self.add_kind(REMOVED_NAME_RETURNS, owner, format!("the removed field {} is an alias now", tick(name)));
            } else if !declares(name) {
                self.add_kind(
                    REMOVED_NAME_DROPPED,
                    owner,
                    format!("the field {} is no longer declared as removed", tick(name)),
                );
            }
        }
        for name in now.removed.iter().filter(|name| !before.removed.contains(name)) {
            self.add(owner, format!("the field {} is declared as removed", tick(name)));
        }
        for (place, field) in is.iter().enumerate() {
            let Some(at) = was.iter().position(|other| other.name == field.name) else { continue };
            self.field(
                &format!("{owner}.{}", field.name),
                (was[at].node, &before.fields[at]),
                (field.node, &now.fields[place]),
            );
        }
    }

    fn field(&mut self, owner: &str, (was, before): (NodeId, &FieldHints), (is, now): (NodeId, &FieldHints)) {
        self.names(owner, "alias", &before.aliases, &now.aliases);
        let constants = [("default", &before.default, &now.default), ("none", &before.none, &now.none)];
        for (key, before, now) in constants.into_iter().filter(|(_, before, now)| before != now) {
            let was = before.as_deref().map(|bytes| constant(self.old, was, bytes));
            let is = now.as_deref().map(|bytes| constant(self.new, is, bytes));
            if was == is {
                continue;
            }
            self.add(
                owner,
                match (was, is) {
                    (None, Some(is)) => format!("{key} {is} is new"),
                    (Some(was), None) => format!("{key} {was} is gone"),
                    (was, is) => format!("{key} is {}, and was {}", is.unwrap_or_default(), was.unwrap_or_default()),
                },
            );
        }
        let ids =
            |hints: &FieldHints| hints.conversions.iter().map(|conversion| conversion.id.clone()).collect::<Vec<_>>();
        self.names(owner, "conversion", &ids(before), &ids(now));
    }

    fn removed_variants(&mut self, owner: &str, before: &EnumHints, now: &EnumHints, (old, new): (NodeId, NodeId)) {
        let aliases: Vec<&String> = now.variants.iter().flat_map(|variant: &VariantHints| &variant.aliases).collect();
        let is_variant = |name: &str| match self.new.schema().get(new) {
            Some(Node::Enum(node)) => node.variants.iter().any(|variant| variant.name == name),
            _ => false,
        };
        for removed in &before.removed {
            let name = tick(&removed.name);
            let same = |other: &&RemovedVariant| other.name == removed.name;
            if aliases.contains(&&removed.name) {
                self.add_kind(REMOVED_NAME_RETURNS, owner, format!("the removed variant {name} is an alias now"));
            } else if let Some(other) = now.removed.iter().find(same) {
                let becomes = |snapshot, id, removed: &RemovedVariant| {
                    removed.becomes.as_deref().map(|bytes| constant(snapshot, id, bytes))
                };
                let (was, is) = (becomes(self.old, old, removed), becomes(self.new, new, other));
                if was != is {
                    let [was, is] = [was, is].map(|value| value.unwrap_or_else(|| "the fallback".to_owned()));
                    self.add(owner, format!("the removed variant {name} becomes {is}, and became {was} before"));
                }
            } else if now.fallback.is_some() && !is_variant(&removed.name) {
                self.add(owner, format!("the variant {name} becomes the fallback now"));
            } else if !is_variant(&removed.name) {
                let message = format!("the variant {name} is no longer declared as removed");
                self.add_kind(REMOVED_NAME_DROPPED, owner, message);
            }
        }
        let known = |name: &str| before.removed.iter().any(|removed| removed.name == name);
        for removed in now.removed.iter().filter(|removed| !known(&removed.name)) {
            self.add(owner, format!("the variant {} is declared as removed", tick(&removed.name)));
        }
    }

    /// Tags of variants that are declared as removed now, and belong to others.
    fn reused_tags<'v>(
        &mut self,
        owner: &str,
        was: impl Iterator<Item = (u32, &'v str)>,
        is: &typeser::schema::EnumNode,
        now: &EnumHints,
    ) {
        for (tag, name) in was {
            let is_removed = now.removed.iter().any(|removed| removed.name == name);
            let other = is.variants.iter().find(|variant| variant.tag == tag && variant.name != name);
            if let Some(other) = other.filter(|_| is_removed) {
                let message =
                    format!("the tag {tag} of the removed variant {} is that of {} now", tick(name), tick(&other.name));
                self.add_kind(REMOVED_TAG_REUSED, owner, message);
            }
        }
    }

    fn migrations(&mut self, owner: &str, before: &[TypeMigration], now: &[TypeMigration]) {
        let names = |migrations: &[TypeMigration]| {
            let name = |migration: &TypeMigration| format!("{} from version {}", migration.id, migration.from);
            migrations.iter().map(name).collect::<Vec<_>>()
        };
        self.names(owner, "function", &names(before), &names(now));
    }

    /// What is declared of the value as a whole, where it is used.
    fn of_whole(&mut self) {
        let (before, now) = (self.old.root_hints(), self.new.root_hints());
        let owner = self.new.name();
        self.stored_types(owner, &before.was, &now.was);
        let fields = [before, now].map(|hints| FieldHints {
            none: hints.none.clone(),
            conversions: hints.conversions.clone(),
            ..FieldHints::default()
        });
        self.field(owner, (NodeId::ROOT, &fields[0]), (NodeId::ROOT, &fields[1]));
    }

    /// Types with the same bytes that were stored before.
    fn stored_types(&mut self, owner: &str, before: &[Schema], now: &[Schema]) {
        let names = |layouts: &[Schema]| layouts.iter().map(|was| was.type_name(NodeId::ROOT)).collect::<Vec<_>>();
        self.names(owner, "stored type", &names(before), &names(now));
    }

    fn leaf(&mut self, owner: &str, before: &OpaqueHints, now: &OpaqueHints) {
        let versions =
            |hints: &OpaqueHints| hints.reads.iter().map(|version| format!("version {version}")).collect::<Vec<_>>();
        self.names(owner, "readable", &versions(before), &versions(now));
        let names = |hints: &OpaqueHints| {
            let names =
                hints.migrates.iter().map(|migration| format!("{} from version {}", migration.id, migration.from));
            names.collect::<Vec<_>>()
        };
        self.names(owner, "function", &names(before), &names(now));
        if before.canonical != now.canonical {
            let is = if now.canonical {
                "equal values have equal bytes now"
            } else {
                "equal values may have different bytes now"
            };
            self.add(owner, is.to_owned());
        }
    }

    /// What is in only one of two lists.
    fn names(&mut self, owner: &str, what: &str, before: &[String], now: &[String]) {
        for name in now.iter().filter(|name| !before.contains(name)) {
            self.add(owner, format!("the {what} {} is new", tick(name)));
        }
        for name in before.iter().filter(|name| !now.contains(name)) {
            self.add(owner, format!("the {what} {} is gone", tick(name)));
        }
    }

    fn add(&mut self, owner: &str, what: String) {
        self.found.push(Change { kind: None, message: format!("{}: {what}", tick(owner)) });
    }

    fn add_kind(&mut self, kind: &'static str, owner: &str, what: String) {
        self.found.push(Change { kind: Some(kind), message: format!("{}: {what}", tick(owner)) });
    }
}

fn tick(name: &str) -> String {
    format!("`{name}`")
}

/// A constant as JSON; as bytes, if it is none of the type.
fn constant(snapshot: &SerializerSnapshot, id: NodeId, bytes: &[u8]) -> String {
    match Value::decode_part(snapshot, id, bytes) {
        Some(value) => tick(&value.to_json()),
        None => format!("`0x{}`", hex::encode(bytes)),
    }
}

impl Change {
    /// The change as a remark, if it loses nothing.
    pub(crate) fn remark(&self) -> Option<String> {
        self.kind.is_none().then(|| self.message.clone())
    }

    /// The change as a problem of a state, if it may lose data of older releases. By itself it does not fail.
    pub(crate) fn problem(&self, state: Option<(String, Role)>) -> Option<Problem> {
        let kind = self.kind?;
        let level = if kind == REMOVED_TAG_REUSED { Level::Note } else { Level::Warning };
        let (message, help) = (self.message.clone(), help(kind).to_owned());
        Some(Problem { level, kind, state, message, help, ..Problem::default() })
    }
}

/// A remark on the opaque leaves of a snapshot, whose bytes no comparison looks into.
pub(crate) fn unseen(snapshot: &SerializerSnapshot) -> Option<String> {
    let leaves = leaves(snapshot);
    (!leaves.is_empty())
        .then(|| format!("the bytes of opaque leaves are compared by name and version only: {}", leaves.join(", ")))
}

/// The opaque leaves of a layout by name and version.
fn leaves(snapshot: &SerializerSnapshot) -> Vec<String> {
    let leaf = |node: &Node| match node {
        Node::Opaque(leaf) => Some(format!("`{}` version {}", leaf.name, leaf.version)),
        _ => None,
    };
    let mut leaves: Vec<String> = snapshot.schema().nodes().iter().filter_map(leaf).collect();
    leaves.sort();
    leaves.dedup();
    leaves
}
