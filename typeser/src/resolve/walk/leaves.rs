//! Compares primitives: which can hold every value of another.

use super::walker::Walker;
use crate::resolve::as_rust::primitive;
use crate::resolve::fix::{Fix, Kept};
use crate::resolve::plan::{ShapeId, Step, StepId};
use crate::resolve::role::Zone;
use crate::resolve::rules::{self, Rule};
use crate::schema::Primitive;

impl Walker<'_> {
    pub(super) fn primitives(&mut self, id: StepId, stored: Primitive, new: Primitive) -> Option<Step> {
        if stored == new {
            return Some(Step::Same(ShapeId::of(self.pair(id).stored)));
        }
        let Some(rule) = widening(stored, new) else {
            let mut fixes = vec![self.keep(id, Kept::Type(primitive(stored).to_owned()))];
            fixes.extend(wide_enough(stored, new, self.pair(id).zone).map(|to| Fix::Widen { to }));
            return self.report(id, &rules::PRIMITIVE_CHANGED, fixes);
        };
        self.report(id, rule, vec![]);
        Some(Step::Convert { from: stored, to: new })
    }
}

/// Whether a rule makes every value of a number a value of a wider one.
pub(crate) fn widens(from: Primitive, to: Primitive) -> bool {
    to != Primitive::String && widening(from, to).is_some()
}

/// The rule under which every stored value has one in the new type.
fn widening(stored: Primitive, new: Primitive) -> Option<&'static Rule> {
    if (stored, new) == (Primitive::Char, Primitive::String) {
        return Some(&rules::CHAR_TO_STRING);
    }
    let (from, to) = (stored.width()?, new.width()?);
    match (stored.is_float(), new.is_float()) {
        (true, true) => (from < to).then_some(&rules::FLOAT_WIDENED),
        // A float of 4 bytes holds 24 bits exactly, one of 8 bytes 53.
        (false, true) => (from * 2 <= to).then_some(&rules::INTEGER_TO_FLOAT),
        (true, false) => None,
        (false, false) => {
            let fits = stored.is_signed() == new.is_signed() || !stored.is_signed();
            (from < to && fits).then_some(&rules::INTEGER_WIDENED)
        }
    }
}

/// The narrowest number like `new` that holds every stored value, where the step to `new` was not just one to fewer
/// bits.
fn wide_enough(stored: Primitive, new: Primitive, zone: Zone) -> Option<Primitive> {
    let is_number = new.is_integer() || new.is_float();
    if !is_number || stored.is_float() == new.is_float() && stored.is_signed() == new.is_signed() {
        return None;
    }
    let like = |candidate: &&Primitive| {
        candidate.is_integer() == new.is_integer()
            && candidate.is_float() == new.is_float()
            && candidate.is_signed() == new.is_signed()
    };
    let is_allowed = |rule: &Rule| match zone {
        Zone::Free => true,
        Zone::Distinct => rule.injective,
        Zone::Fixed => false,
    };
    Primitive::ALL.iter().filter(like).find(|candidate| widening(stored, **candidate).is_some_and(is_allowed)).copied()
}
