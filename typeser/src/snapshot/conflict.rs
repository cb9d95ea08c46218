//! Conflicts inside one snapshot: two things of one node that cannot both be true. The derive refuses them at compile
//! time; here they are refused in snapshots of any origin.
//!
//! No comparison would find all of them: equal layouts are not compared, and parts without a stored counterpart are
//! never met.

use std::collections::HashMap;

use super::hints::{EnumHints, NodeHints, RecordHints, RootHints, StructHints, TypeMigration};
use super::part::{Part, Record};
use crate::schema::{EnumNode, Field, IntegerEncoding, Node, Schema, StructNode, double_tag, first_double};
use crate::text::{clean, did_you_mean};

/// Two things that one node says and that cannot both be true.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("node {node}: {kind}")]
pub struct Conflict {
    node: u32,
    part: Part,
    kind: Box<ConflictKind>,
}

crate::text::debug_as_display!(Conflict);

/// What is in conflict, and what to do. Those from `Constant` on are conflicts of what is declared: see `declared.rs`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ConflictKind {
    #[error("a second {kind} of `{owner}` is called `{name}`; give one of the two another name")]
    NameTwice { kind: &'static str, owner: String, name: String },
    #[error(
        "`{name}` is a {kind} of `{owner}` now, so it cannot also be an earlier name; remove the alias, or give the \
         {kind} `{name}` another name"
    )]
    AliasIsName { kind: &'static str, owner: String, name: String },
    #[error("two aliases in `{owner}` have the name `{name}`, but stored data can go only to one; remove one of them")]
    AliasTwice { owner: String, name: String },
    #[error(
        "`{name}` is a {kind} of `{owner}` now, so it is not removed; remove it from the removed names, or give the \
         {kind} another name"
    )]
    RemovedIsName { kind: &'static str, owner: String, name: String },
    #[error(
        "`{name}` is an alias in `{owner}`, so its data is stored under another name now and is not removed; remove \
         the alias, or remove it from the removed names"
    )]
    RemovedIsAlias { owner: String, name: String },
    #[error("`{name}` is removed twice in `{owner}`; remove one of the two")]
    RemovedTwice { owner: String, name: String },
    #[error("`{name}` is the name that the type has now, but an alias is an earlier name; remove the alias")]
    AliasIsTypeName { name: String },
    #[error("`{first}` and `{second}` of `{owner}` both have the tag {tag}; give one of them another tag")]
    TagTwice { owner: String, first: String, second: String, tag: u32 },
    #[error("`{name}` is declared as the fallback, but `{owner}` has no such variant{help}")]
    FallbackMissing { owner: String, name: String, help: String },
    #[error("the layout that `{id}` reads: {kind}")]
    Source { id: String, kind: Box<ConflictKind> },
    #[error(
        "the {what} is not a value of `{type_name}`: {reason}; write the bytes of a value with {integers} integers"
    )]
    Constant { what: String, type_name: String, reason: String, integers: IntegerEncoding },
    #[error(
        "`{id}` reads the layout that {owner} has now, so a converted value looks like one that is not converted; \
         count the version of the type up and declare `migrate` instead"
    )]
    ReadsOwn { id: String, owner: String },
    #[error(
        "`{first}` and `{second}` read the same stored layout, so a stored value could be for either of them; remove \
         one of the two"
    )]
    ReadTwice { first: String, second: String },
    #[error("the declared {what} of the snapshot take too many steps to check")]
    TooMuch { what: &'static str },
}

impl Conflict {
    /// The node whose definition is in conflict.
    #[must_use]
    pub fn node(&self) -> u32 {
        self.node
    }

    /// The part of the node's definition that has to change.
    pub(super) fn part(&self) -> Part {
        self.part
    }

    /// What is in conflict and what to do, without the node.
    pub(super) fn kind(&self) -> &ConflictKind {
        &self.kind
    }
}

/// Checks a layout and its hints, of which there are as many as nodes and of their shapes.
pub(super) fn check(schema: &Schema, hints: &[NodeHints], root: &RootHints) -> Result<(), Conflict> {
    at(0, check_root(root))?;
    let nodes = (0u32..).zip(schema.nodes()).zip(hints);
    nodes.into_iter().try_for_each(|((number, node), hints)| at(number, check_node(node, hints)))
}

/// Checks the names and tags of a layout that a function reads, and of its hints.
pub(super) fn check_layout(schema: &Schema, hints: &[NodeHints]) -> Result<(), Conflict> {
    let hints = hints.iter().chain(std::iter::repeat(&NodeHints::None));
    let nodes = (0u32..).zip(schema.nodes()).zip(hints);
    nodes.into_iter().try_for_each(|((number, node), hints)| at(number, check_node(node, hints)))
}

pub(super) type Found = Result<(), (Part, ConflictKind)>;

pub(super) fn at(node: u32, found: Found) -> Result<(), Conflict> {
    found.map_err(|(part, kind)| Conflict { node, part, kind: Box::new(kind) })
}

fn check_node(node: &Node, hints: &NodeHints) -> Found {
    match node {
        Node::Struct(node) => check_struct(node, if let NodeHints::Struct(hints) = hints { Some(hints) } else { None }),
        Node::Enum(node) => check_enum(node, if let NodeHints::Enum(hints) = hints { Some(hints) } else { None }),
        _ => Ok(()),
    }
}

fn check_struct(node: &StructNode, hints: Option<&StructHints>) -> Found {
    if let Some(hints) = hints {
        check_type(&node.name, &hints.aliases)?;
        check_layouts(&hints.was, Part::Was)?;
        check_sources(&hints.migrations)?;
    }
    check_record(|| node.name.clone(), None, &node.fields, hints.map(|hints| &hints.record))
}

fn check_enum(node: &EnumNode, hints: Option<&EnumHints>) -> Found {
    if let Some(hints) = hints {
        check_type(&node.name, &hints.aliases)?;
        check_layouts(&hints.was, Part::Was)?;
        check_sources(&hints.migrations)?;
    }
    let removed = hints.map_or(&[][..], |hints| &hints.removed);
    let current = node.variants.iter().enumerate();
    let current = current.map(|(at, variant)| (variant.name.as_str(), Claim::Current, Part::Variant(at)));
    let aliases = hints.map_or(&[][..], |hints| &hints.variants).iter().enumerate().flat_map(|(at, hints)| {
        let aliases = hints.aliases.iter().enumerate();
        aliases.map(move |(alias, name)| (name.as_str(), Claim::Alias, Part::VariantAlias(at, alias)))
    });
    let removed = removed.iter().enumerate();
    let removed = removed.map(|(at, removed)| (removed.name.as_str(), Claim::Removed, Part::RemovedVariant(at)));
    check_names("variant", || node.name.clone(), current.chain(aliases).chain(removed))?;
    check_tags(node)?;
    check_fallback(node, hints.and_then(|hints| hints.fallback.as_deref()))?;
    node.variants.iter().enumerate().try_for_each(|(at, variant)| {
        let record = hints.map(|hints| &hints.variants[at].record);
        check_record(|| format!("{}::{}", node.name, variant.name), Some(at), &variant.fields, record)
    })
}

fn check_type(name: &str, aliases: &[String]) -> Found {
    let names = std::iter::once(name).chain(aliases.iter().map(String::as_str));
    let Some(double) = first_double(names) else { return Ok(()) };
    let last = aliases.iter().rposition(|alias| alias == double).unwrap_or_default();
    Err((
        Part::TypeAlias(last),
        match double == name {
            true => ConflictKind::AliasIsTypeName { name: clean(name) },
            false => ConflictKind::AliasTwice { owner: clean(name), name: clean(double) },
        },
    ))
}

fn check_record(owner: impl Fn() -> String, of: Record, fields: &[Field], hints: Option<&RecordHints>) -> Found {
    let current = fields.iter().enumerate();
    let current = current.map(|(at, field)| (field.name.as_str(), Claim::Current, Part::Field(of, at)));
    let Some(hints) = hints else { return check_names("field", owner, current) };
    let aliases = hints.fields.iter().enumerate().flat_map(|(at, hints)| {
        let aliases = hints.aliases.iter().enumerate();
        aliases.map(move |(alias, name)| (name.as_str(), Claim::Alias, Part::FieldAlias(of, at, alias)))
    });
    let removed = hints.removed.iter().enumerate();
    let removed = removed.map(|(at, name)| (name.as_str(), Claim::Removed, Part::RemovedField(of, at)));
    check_names("field", owner, current.chain(aliases).chain(removed))?;
    hints.fields.iter().enumerate().try_for_each(|(at, hints)| {
        let mut conversions = hints.conversions.iter().enumerate();
        conversions.try_for_each(|(number, conversion)| {
            check_source(&conversion.id, conversion.source.parts(), Part::Conversion(of, at, number))
        })
    })
}

fn check_sources(migrations: &[TypeMigration]) -> Found {
    let sources = migrations.iter().enumerate();
    let mut sources = sources.filter_map(|(at, migration)| Some((at, migration, migration.source.as_ref()?)));
    sources.try_for_each(|(at, migration, source)| check_source(&migration.id, source.parts(), Part::Migration(at)))
}

fn check_root(hints: &RootHints) -> Found {
    check_layouts(&hints.was, Part::RootWas)?;
    let mut conversions = hints.conversions.iter().enumerate();
    conversions.try_for_each(|(at, conversion)| {
        check_source(&conversion.id, conversion.source.parts(), Part::RootConversion(at))
    })
}

fn check_layouts(layouts: &[Schema], part: fn(usize) -> Part) -> Found {
    let mut layouts = layouts.iter().enumerate();
    layouts.try_for_each(|(at, layout)| check_source("was", (layout, &[]), part(at)))
}

fn check_source(id: &str, (schema, hints): (&Schema, &[NodeHints]), part: Part) -> Found {
    check_layout(schema, hints).map_err(|conflict| {
        let kind = ConflictKind::Source { id: clean(id), kind: conflict.kind };
        (part, kind)
    })
}

/// What a name is used for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Claim {
    Current,
    Alias,
    Removed,
}

/// Checks that names have one meaning each; the current ones come first, then the aliases, then the removed ones.
fn check_names<'a>(
    kind: &'static str,
    owner: impl Fn() -> String,
    names: impl Iterator<Item = (&'a str, Claim, Part)> + Clone,
) -> Found {
    if first_double(names.clone().map(|(name, ..)| name)).is_none() {
        return Ok(());
    }
    let mut claims = HashMap::new();
    for (name, claim, part) in names {
        let Some(earlier) = claims.insert(name, claim) else { continue };
        let (owner, name) = (clean(&owner()), clean(name));
        let kind = match (earlier, claim) {
            (Claim::Current, Claim::Alias) => ConflictKind::AliasIsName { kind, owner, name },
            (_, Claim::Alias) => ConflictKind::AliasTwice { owner, name },
            (Claim::Current, Claim::Removed) => ConflictKind::RemovedIsName { kind, owner, name },
            (Claim::Alias, Claim::Removed) => ConflictKind::RemovedIsAlias { owner, name },
            (Claim::Removed, Claim::Removed) => ConflictKind::RemovedTwice { owner, name },
            (_, Claim::Current) => ConflictKind::NameTwice { kind, owner, name },
        };
        return Err((part, kind));
    }
    Ok(())
}

/// The values of the fields of the fallback are not checked: an adopted snapshot names a fallback and holds no constants.
fn check_fallback(node: &EnumNode, fallback: Option<&str>) -> Found {
    let names = || node.variants.iter().map(|variant| variant.name.as_str());
    let Some(name) = fallback.filter(|name| names().all(|known| known != *name)) else { return Ok(()) };
    let near = did_you_mean(name, names());
    let help = if near.is_empty() { "; name one of its variants".to_owned() } else { near };
    Err((Part::Fallback, ConflictKind::FallbackMissing { owner: clean(&node.name), name: clean(name), help }))
}

fn check_tags(node: &EnumNode) -> Found {
    let tags = node.variants.iter().map(|variant| variant.tag);
    let Some((first, second)) = double_tag(tags) else { return Ok(()) };
    let [first_name, second_name] = [first, second].map(|at| clean(&node.variants[at].name));
    let tag = node.variants[second].tag;
    let owner = clean(&node.name);
    Err((Part::Tag(second), ConflictKind::TagTwice { owner, first: first_name, second: second_name, tag }))
}
