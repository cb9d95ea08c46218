//! Checks what a snapshot declares: constants are values of their types, and a stored layout is read by one function.
//!
//! A derive declares nothing else. Version 1 was released without these checks, so its binary form is read without
//! them. What is in conflict in such a snapshot shows when it is compared.

use std::collections::HashMap;

use super::conflict::{Conflict, ConflictKind, Found, at};
use super::hints::{ConversionHint, EnumHints, NodeHints, RecordHints, Source, TypeMigration};
use super::part::{Part, Record};
use super::serializer_snapshot::SerializerSnapshot;
use crate::schema::{
    EnumNode, Field, Fingerprint, IntegerEncoding, MOST_COMPARED, Node, NodeId, Schema, same_layout_within,
};
use crate::text::clean;
use crate::wire::validate_within;

/// How many steps the constants of a snapshot may take to check.
const MOST_STEPS: usize = 1 << 26;

impl SerializerSnapshot {
    /// Checks that each constant is a value of its type, and that a stored layout is read by one function.
    ///
    /// # Errors
    /// The first conflict.
    #[doc(hidden)]
    pub fn check_declared(&self) -> Result<(), Conflict> {
        check_functions(self).and_then(|()| check_constants(self))
    }
}

/// Checks that no function reads the layout that its part has now, and that no two functions of a part read one layout.
pub(super) fn check_functions(snapshot: &SerializerSnapshot) -> Result<(), Conflict> {
    let root = snapshot.root_hints();
    let mut functions = Functions { schema: snapshot.schema(), comparable: MOST_COMPARED };
    let whole = || "the value as a whole".to_owned();
    let of_root = of_layouts(&root.was, Part::RootWas).chain(of_conversions(&root.conversions, Part::RootConversion));
    at(0, functions.check(Some(NodeId::ROOT), whole, of_root, &mut HashMap::new()))?;
    for (id, hints) in snapshot.schema().ids().zip(snapshot.hints()) {
        at(id.number(), functions.of_node(id, hints))?;
    }
    Ok(())
}

/// Checks that each constant is a value of its type.
pub(super) fn check_constants(snapshot: &SerializerSnapshot) -> Result<(), Conflict> {
    let (root, integers) = (snapshot.root_hints(), snapshot.configuration().integers);
    let mut constants = Constants { integers, steps: MOST_STEPS };
    let none = root.none.as_deref();
    let what = || "value for a stored `None`".to_owned();
    at(0, constants.check(snapshot.schema(), NodeId::ROOT, none, Part::RootNone, what))?;
    at(0, constants.of_sources(of_conversions(&root.conversions, Part::RootConversion)))?;
    for (id, hints) in snapshot.schema().ids().zip(snapshot.hints()) {
        at(id.number(), constants.of_node(snapshot.schema(), id, hints))?;
    }
    Ok(())
}

/// What reads a stored layout: the id of a function or `was`, the layout, and where it is declared.
struct Reads<'a> {
    id: &'a str,
    schema: &'a Schema,
    hints: &'a [NodeHints],
    part: Part,
}

fn of_layouts(layouts: &[Schema], part: impl Fn(usize) -> Part) -> impl Iterator<Item = Reads<'_>> {
    layouts.iter().enumerate().map(move |(at, schema)| Reads { id: "was", schema, hints: &[], part: part(at) })
}

fn of_conversions(conversions: &[ConversionHint], part: impl Fn(usize) -> Part) -> impl Iterator<Item = Reads<'_>> {
    let conversions = conversions.iter().enumerate();
    conversions.map(move |(at, conversion)| reads(&conversion.id, &conversion.source, part(at)))
}

fn of_migrations(migrations: &[TypeMigration]) -> impl Iterator<Item = Reads<'_>> {
    let migrations = migrations.iter().enumerate();
    migrations.filter_map(|(at, migration)| Some(reads(&migration.id, migration.source.as_ref()?, Part::Migration(at))))
}

fn reads<'a>(id: &'a str, source: &'a Source, part: Part) -> Reads<'a> {
    Reads { id, schema: source.schema(), hints: source.hints(), part }
}

struct Functions<'a> {
    schema: &'a Schema,
    comparable: usize,
}

impl Functions<'_> {
    fn of_node(&mut self, id: NodeId, hints: &NodeHints) -> Found {
        match (self.schema.node(id), hints) {
            (Node::Struct(node), NodeHints::Struct(hints)) => {
                self.of_type(id, &hints.was, &hints.migrations)?;
                self.of_record(&node.name, None, &node.fields, &hints.record)
            }
            (Node::Enum(node), NodeHints::Enum(hints)) => {
                self.of_type(id, &hints.was, &hints.migrations)?;
                node.variants.iter().zip(&hints.variants).enumerate().try_for_each(|(at, (variant, hints))| {
                    let owner = format!("{}::{}", node.name, variant.name);
                    self.of_record(&owner, Some(at), &variant.fields, &hints.record)
                })
            }
            _ => Ok(()),
        }
    }

    /// A function may read the layout that the type has now: that of an earlier version.
    fn of_type(&mut self, id: NodeId, was: &[Schema], migrations: &[TypeMigration]) -> Found {
        let (schema, mut known) = (self.schema, HashMap::new());
        let owner = || format!("`{}`", clean(&schema.type_name(id)));
        self.check(Some(id), owner, of_layouts(was, Part::Was), &mut known)?;
        self.check(None, owner, of_migrations(migrations), &mut known)
    }

    fn of_record(&mut self, owner: &str, of: Record, fields: &[Field], hints: &RecordHints) -> Found {
        fields.iter().zip(&hints.fields).enumerate().try_for_each(|(at, (field, hints))| {
            let functions = of_conversions(&hints.conversions, |number| Part::Conversion(of, at, number));
            let owner = || format!("`{}.{}`", clean(owner), clean(&field.name));
            self.check(Some(field.node), owner, functions, &mut HashMap::new())
        })
    }

    /// Checks what reads stored layouts for a part that has the layout of a node now; `known` read others of the part.
    fn check<'a>(
        &mut self,
        own: Option<NodeId>,
        owner: impl FnOnce() -> String,
        functions: impl Iterator<Item = Reads<'a>>,
        known: &mut HashMap<Fingerprint, &'a str>,
    ) -> Found {
        for Reads { id, schema, part, .. } in functions {
            let is_own =
                own.map(|own| same_layout_within((self.schema, own), (schema, NodeId::ROOT), &mut self.comparable));
            match is_own {
                Some(Some(true)) => return Err((part, ConflictKind::ReadsOwn { id: clean(id), owner: owner() })),
                Some(None) => return Err((part, ConflictKind::TooMuch { what: "functions" })),
                Some(Some(false)) | None => {}
            }
            // The encoding does not matter where two are compared.
            if let Some(first) = known.insert(schema.fingerprint(IntegerEncoding::Fixed), id) {
                return Err((part, ConflictKind::ReadTwice { first: clean(first), second: clean(id) }));
            }
        }
        Ok(())
    }
}

struct Constants {
    integers: IntegerEncoding,
    steps: usize,
}

impl Constants {
    fn of_node(&mut self, schema: &Schema, id: NodeId, hints: &NodeHints) -> Found {
        match (schema.node(id), hints) {
            (Node::Struct(node), NodeHints::Struct(hints)) => {
                self.of_sources(of_migrations(&hints.migrations))?;
                self.of_record(schema, &node.name, None, &node.fields, &hints.record)
            }
            (Node::Enum(node), NodeHints::Enum(hints)) => self.of_enum(schema, id, node, hints),
            _ => Ok(()),
        }
    }

    fn of_enum(&mut self, schema: &Schema, id: NodeId, node: &EnumNode, hints: &EnumHints) -> Found {
        self.of_sources(of_migrations(&hints.migrations))?;
        for (at, removed) in hints.removed.iter().enumerate() {
            let what = || format!("value that the removed `{}::{}` becomes", clean(&node.name), clean(&removed.name));
            self.check(schema, id, removed.becomes.as_deref(), Part::RemovedVariant(at), what)?;
        }
        node.variants.iter().zip(&hints.variants).enumerate().try_for_each(|(at, (variant, hints))| {
            let owner = format!("{}::{}", node.name, variant.name);
            self.of_record(schema, &owner, Some(at), &variant.fields, &hints.record)
        })
    }

    fn of_record(&mut self, schema: &Schema, owner: &str, of: Record, fields: &[Field], hints: &RecordHints) -> Found {
        for (at, (field, hints)) in fields.iter().zip(&hints.fields).enumerate() {
            let name = || format!("`{}.{}`", clean(owner), clean(&field.name));
            let (default, none) = (hints.default.as_deref(), hints.none.as_deref());
            self.check(schema, field.node, default, Part::Default(of, at), || format!("default of {}", name()))?;
            let what = || format!("value for a stored `None` of {}", name());
            self.check(schema, field.node, none, Part::None(of, at), what)?;
            self.of_sources(of_conversions(&hints.conversions, |number| Part::Conversion(of, at, number)))?;
        }
        Ok(())
    }

    /// Checks the constants in the hints of the layouts that functions read.
    fn of_sources<'a>(&mut self, mut sources: impl Iterator<Item = Reads<'a>>) -> Found {
        sources.try_for_each(|Reads { id, schema, hints, part }| {
            let mut nodes = schema.ids().zip(hints);
            nodes.try_for_each(|(node, hints)| {
                self.of_node(schema, node, hints)
                    .map_err(|(_, kind)| (part, ConflictKind::Source { id: clean(id), kind: Box::new(kind) }))
            })
        })
    }

    fn check(
        &mut self,
        schema: &Schema,
        node: NodeId,
        constant: Option<&[u8]>,
        part: Part,
        what: impl FnOnce() -> String,
    ) -> Found {
        let Some(bytes) = constant else { return Ok(()) };
        let outcome = validate_within(schema, node, self.integers, bytes, &mut self.steps);
        let Err(error) = outcome else { return Ok(()) };
        if self.steps == 0 {
            return Err((part, ConflictKind::TooMuch { what: "constants" }));
        }
        let (what, type_name) = (what(), clean(&schema.type_name(node)));
        let (reason, integers) = (error.to_string(), self.integers);
        Err((part, ConflictKind::Constant { what, type_name, reason, integers }))
    }
}
