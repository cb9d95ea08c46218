//! Layouts that a type, or a value as a whole, was before with the same bytes, as declared.

use super::walker::Walker;
use crate::resolve::as_rust::{declares, stored_type};
use crate::resolve::fix::{Fix, Site};
use crate::resolve::plan::{ShapeId, Step, StepId};
use crate::resolve::role::{Role, Zone};
use crate::resolve::rules;
use crate::schema::{IntegerEncoding, Node, NodeId, Schema, same_bytes_within};

impl Walker<'_> {
    /// What becomes of a stored part that one of these layouts describes; `None` if none of them does, so that the rules
    /// decide.
    ///
    /// Inside: `None` if it is not what it is declared to be.
    #[allow(clippy::option_option, reason = "outside: whether it is declared; inside: whether there is a step")]
    pub(super) fn was(&mut self, id: StepId, layouts: &[Schema]) -> Option<Option<Step>> {
        let stored = self.pair(id).stored;
        for layout in layouts {
            match self.reads(id, &[], layout, stored) {
                None => return Some(None),
                Some(false) => {}
                Some(true) => return Some(self.same_bytes_declared(id)),
            }
        }
        None
    }

    /// Whether a new type is declared to have been the stored part of a pair.
    pub(super) fn is_declared_as_was(&mut self, id: StepId, new: NodeId) -> bool {
        let stored = self.pair(id).stored;
        let layouts = self.new.hints()[new.index()].was();
        layouts.iter().any(|layout| self.reads(id, &[], layout, stored) == Some(true))
    }

    fn same_bytes_declared(&mut self, id: StepId) -> Option<Step> {
        let detail = self.changed(id);
        // Bytes of an earlier version may be stored that an opaque leaf read unchanged, and no longer reads.
        if !self.has_same_bytes(id)? || self.forgets_versions() {
            self.find(&rules::WAS_OTHER_BYTES, id, &[], detail, vec![]);
            return None;
        }
        self.find(
            &rules::SAME_BYTES_DECLARED,
            id,
            &[],
            format!("{detail}; the bytes are declared to be the same"),
            vec![],
        );
        Some(Step::Same(ShapeId::of(self.pair(id).stored)))
    }

    /// To declare that a stored part has the bytes of the new one, where it has and where that can be declared.
    pub(super) fn offer_same_bytes(&mut self, id: StepId) -> Option<Fix> {
        let pair = self.pair(id).clone();
        let new = self.new.schema().node(pair.new);
        let name = match new {
            Node::Struct(node) => Some(&node.name),
            Node::Enum(node) => Some(&node.name),
            _ if id == StepId(0) => None,
            _ => return None,
        };
        let from = stored_type(self.stored.schema(), pair.stored)?;
        if !self.has_same_bytes(id)? || self.forgets_versions() {
            return None;
        }
        Some(match name {
            Some(name) => Fix::Was {
                site: Site::of_type(pair.new),
                name: name.clone(),
                word: declares(new),
                stored: pair.stored,
                from,
            },
            None => Fix::EarlierType { from },
        })
    }

    /// To declare a function that converts the value as a whole, where its type is none that can declare one.
    pub(super) fn offer_whole_conversion(&self) -> Option<Fix> {
        if matches!(self.new.schema().root(), Node::Struct(_) | Node::Enum(_)) {
            return None;
        }
        let from = stored_type(self.stored.schema(), NodeId::ROOT)?;
        match (self.zone, self.role) {
            (Zone::Free, _) => Some(Fix::ConvertWhole { from, injective: false, rekey: false }),
            (_, Role::Key) => Some(Fix::ConvertWhole { from, injective: true, rekey: true }),
            (Zone::Distinct, _) => Some(Fix::ConvertWhole { from, injective: true, rekey: false }),
            (Zone::Fixed, _) => None,
        }
    }

    /// Whether every value of a stored part is one of the new part with the same bytes; `None` if that was asked too
    /// often, which is reported.
    pub(super) fn has_same_bytes(&mut self, id: StepId) -> Option<bool> {
        let pair = self.pair(id);
        let (stored, new) = ((self.stored.schema(), pair.stored), (self.new.schema(), pair.new));
        // Ordered bytes are those of the fixed encoding in another form, which is compared at the end.
        let sides = [self.stored, self.new];
        let is_fixed = sides.iter().all(|side| side.configuration().integers == IntegerEncoding::Fixed);
        let same = same_bytes_within(stored, new, is_fixed, &mut self.comparable);
        if same.is_none() {
            self.too_much_compared(id, &[]);
        }
        same
    }
}
