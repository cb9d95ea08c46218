//! What attributes teach: functions of the program, values for a stored `None`, variants for those that are gone.

use std::sync::Arc;

use super::shapes::same_layout;
use super::{Walker, rules};
use crate::resolve::Fix;
use crate::resolve::plan::{FunctionsStep, Step, StepId};
use crate::schema::{EnumNode, IntegerEncoding, Node, NodeId, PathSegment};
use crate::snapshot::{EnumHints, FieldHints, TypeMigration};
use crate::wire::{Fixed, Integers, Output, Variable, Writer};

/// The most nodes that are copied out for functions.
const MOST_COPIED: usize = 1 << 20;

impl<'a> Walker<'a> {
    /// How a stored field becomes the new one: by what the field declares, else by the rules.
    ///
    /// What is declared belongs to the field, not to the types: the same types may meet elsewhere.
    pub(super) fn field(
        &mut self,
        id: StepId,
        stored: NodeId,
        new: NodeId,
        hints: &'a FieldHints,
        path: &[PathSegment],
    ) -> Option<StepId> {
        if hints.conversions.is_empty() && hints.none.is_none() {
            return Some(self.child(id, stored, new, path));
        }
        let reads = |source| same_layout(self.stored_schema(), stored, source, NodeId::ROOT);
        if let Some(conversion) = hints.conversions.iter().find(|conversion| reads(&conversion.source)) {
            let rule = if conversion.injective { &rules::FIELD_CONVERTED_ONE_TO_ONE } else { &rules::FIELD_CONVERTED };
            let step = self.functions(id, vec![conversion.id.clone()], (stored, new), path)?;
            let (was, now) = (self.stored_schema().type_name(stored), self.new_schema().type_name(new));
            let detail = format!("`{was}` was stored; `{}` makes `{now}` of it", conversion.id);
            self.find(rule, id, path, detail, vec![]);
            return Some(self.placed(id, stored, new, path, step));
        }
        match (self.stored_schema().node(stored), self.new_schema().node(new), &hints.none) {
            (&Node::Option(_), Node::Option(_), _) | (_, _, None) => Some(self.child(id, stored, new, path)),
            (&Node::Option(inner), _, Some(none)) => {
                let none = self.constant(id, new, none, "what a stored `None` becomes", path)?;
                let detail = format!(
                    "`{}` was stored, `{}` is used now; a declared value stands for `None`",
                    self.stored_schema().type_name(stored),
                    self.new_schema().type_name(new),
                );
                self.find(&rules::NONE_REPLACED, id, path, detail, vec![]);
                let within: Vec<PathSegment> = path.iter().cloned().chain([PathSegment::Some]).collect();
                let some = self.field(id, inner, new, hints, &within)?;
                Some(self.placed(id, stored, new, path, Step::Unwrap { some, none }))
            }
            _ => Some(self.child(id, stored, new, path)),
        }
    }

    /// What the functions for whole values of the stored version make of it; `None` if there is none to call.
    ///
    /// Inside: `None` if there should be one and is not.
    #[allow(clippy::option_option, reason = "outside: whether functions decide; inside: whether there is a step")]
    pub(super) fn migrated(
        &mut self,
        id: StepId,
        new: (&str, u32),
        stored: u32,
        migrations: &[TypeMigration],
    ) -> Option<Option<Step>> {
        let mut chain: Vec<&TypeMigration> =
            migrations.iter().filter(|migration| (stored..new.1).contains(&migration.from)).collect();
        chain.sort_by_key(|migration| migration.from);
        let first = *chain.first()?;
        let pair = self.pair(id).clone();
        if first.from != stored {
            let detail = format!(
                "version {stored} of `{}` was stored; version {} changes values by a function, and none is declared for version {stored}",
                new.0, new.1,
            );
            let fix = Fix::code(
                format!("declare what makes version {} of version {stored}", first.from),
                format!("#[state(version = {}, migrate({stored} => .., {} => ..))]", new.1, first.from),
            );
            self.find(&rules::MIGRATION_MISSING, id, &[], detail, vec![fix]);
            return Some(None);
        }
        let source = first.source.as_ref();
        if let Some(source) =
            source.filter(|source| !same_layout(self.stored_schema(), pair.stored, source, NodeId::ROOT))
        {
            let detail = format!(
                "`{}` reads another layout of `{}` than version {stored} was stored with",
                first.id,
                source.type_name(NodeId::ROOT),
            );
            let kept = self.stored_schema().type_name(pair.stored);
            let fixes = vec![
                Fix::code(
                    "let the function take a type that is kept exactly as it was stored",
                    format!("#[state(name = \"{kept}\", version = {stored})]\nstruct {kept}V{stored} {{ .. }}"),
                ),
                Fix::code(
                    "or let it take any stored value",
                    "fn migrate(old: typeser::migrate::Value) -> Result<Self, ..>",
                ),
            ];
            self.find(&rules::MIGRATION_READS_ANOTHER_LAYOUT, id, &[], detail, fixes);
            return Some(None);
        }
        let ids: Vec<String> = chain.iter().map(|migration| migration.id.clone()).collect();
        let named: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
        let detail = format!(
            "version {stored} of `{}` was stored; version {} is made of it by {}",
            new.0,
            new.1,
            named.join(", then ")
        );
        self.find(&rules::TYPE_MIGRATED, id, &[], detail, vec![]);
        Some(self.functions(id, ids, (pair.stored, pair.new), &[]))
    }

    /// The step for functions that carry a part over. None if too much was copied for such steps already: a program has
    /// few functions, and none of them is met in so many places.
    pub(super) fn functions(
        &mut self,
        id: StepId,
        ids: Vec<String>,
        (stored, new): (NodeId, NodeId),
        path: &[PathSegment],
    ) -> Option<Step> {
        if self.copied > MOST_COPIED {
            self.find(
                &rules::TOO_MANY_PAIRS,
                id,
                path,
                String::from("functions are called in too many places"),
                vec![],
            );
            return None;
        }
        let at = stored;
        let (stored, new) = (self.stored.part(stored), self.new.part(new));
        self.copied += stored.schema().len() + new.schema().len();
        Some(Step::Functions(Arc::new(FunctionsStep { ids, at, path: self.path(id, path), stored, new })))
    }

    /// The bytes of the variant that stands for removed ones, and its name.
    pub(super) fn fallback<'b>(
        &mut self,
        id: StepId,
        name: &'b str,
        new: &'a EnumNode,
        hints: &'a EnumHints,
        path: &[PathSegment],
    ) -> Option<(Arc<[u8]>, &'b str)> {
        let place = new.variants.iter().position(|variant| variant.name == name);
        let Some((variant, hints)) = place.map(|place| (&new.variants[place], &hints.variants[place])) else {
            let detail = format!("`{name}` is to stand for removed variants, but `{}` has no such variant", new.name);
            return self.malformed(id, path, detail);
        };
        let mut bytes = tag(self.new.configuration().integers, variant.tag);
        for (field, hints) in variant.fields.iter().zip(&hints.record.fields) {
            let what = format!("the default of `{}`", field.name);
            match (&hints.default, self.new_schema().node(field.node)) {
                (Some(default), _) => {
                    bytes.extend_from_slice(&self.constant(id, field.node, default, &what, path)?);
                }
                (None, Node::Option(_)) => bytes.push(0),
                (None, _) => {
                    let detail =
                        format!("`{name}` stands for removed variants, but its field `{}` has no default", field.name);
                    return self.malformed(id, path, detail);
                }
            }
        }
        Some((Arc::from(bytes), name))
    }

    fn malformed<T>(&mut self, id: StepId, path: &[PathSegment], detail: String) -> Option<T> {
        self.find(&rules::CONSTANT_MALFORMED, id, path, detail, vec![]);
        None
    }
}

fn tag(integers: IntegerEncoding, tag: u32) -> Vec<u8> {
    fn write<E: Integers>(tag: u32) -> Vec<u8> {
        let mut output = Output::<E>::new(Vec::new());
        output.put_tag(tag);
        output.into_bytes()
    }
    match integers {
        IntegerEncoding::Fixed => write::<Fixed>(tag),
        IntegerEncoding::Variable => write::<Variable>(tag),
    }
}
