//! Walking past stored bytes.

use super::lowering::Lowering;
use crate::migrate::program::{Operation, Routine};
use crate::resolve::{ShapeId, ShapeKind};
use crate::schema::{IntegerEncoding, Primitive};

impl Lowering<'_> {
    pub(super) fn keep(&mut self, id: ShapeId) {
        let shape = self.plan.shape(id);
        if shape.size.exact && self.is_blind(id) {
            self.keep_bytes(shape.size.min);
        } else {
            self.routine(Routine::Keep(id), self.shared_shapes[id.0 as usize]);
        }
    }

    pub(super) fn keep_bytes(&mut self, length: usize) {
        if length == 0 {
            return;
        }
        // What overflows could never be there: it is found out one after the other.
        let longer = |after: u32| u32::try_from(length).ok().and_then(|length| after.checked_add(length));
        match self.mergeable() {
            Some(Operation::Keep(before)) if before.checked_add(length).is_some() => *before += length,
            Some(Operation::KeepBytes { after, .. } | Operation::KeepString { after, .. })
                if longer(*after).is_some() =>
            {
                *after = longer(*after).unwrap_or(*after);
            }
            _ => _ = self.push(Operation::Keep(length)),
        }
    }

    /// Keeps a length and its bytes, together with the bytes of known number before them.
    fn keep_counted(&mut self, utf8: bool) {
        let kept = |before: u32| match utf8 {
            true => Operation::KeepString { before, after: 0 },
            false => Operation::KeepBytes { before, after: 0 },
        };
        let merged = match self.mergeable() {
            Some(Operation::Keep(length)) => u32::try_from(*length).ok(),
            _ => None,
        };
        match (merged, self.program.operations.last_mut()) {
            (Some(before), Some(last)) => *last = kept(before),
            _ => _ = self.push(kept(0)),
        }
    }

    /// The last operation, if nothing jumps to the place behind it.
    fn mergeable(&mut self) -> Option<&mut Operation> {
        let mergeable = self.barrier < self.program.operations.len();
        self.program.operations.last_mut().filter(|_| mergeable)
    }

    pub(super) fn keep_body(&mut self, id: ShapeId) {
        let plan = self.plan;
        match &plan.shape(id).kind {
            ShapeKind::Primitive(primitive) => self.keep_primitive(*primitive),
            ShapeKind::NonZero(primitive) => {
                self.check_nonzero(*primitive);
                self.keep_primitive(*primitive);
            }
            ShapeKind::Nanoseconds => {
                self.check_nanoseconds();
                self.keep_primitive(Primitive::U32);
            }
            ShapeKind::Record(parts) => parts.iter().for_each(|part| self.keep(*part)),
            ShapeKind::Enum(variants) => {
                let arms = variants.iter().map(|(tag, parts)| (*tag, None, parts)).collect();
                self.arms(arms, |lowering, parts| parts.iter().for_each(|part| lowering.keep(*part)));
            }
            ShapeKind::Option(part) => self.option(|lowering| lowering.keep(*part)),
            ShapeKind::List(part) => {
                let size = plan.shape(*part).size;
                if size.exact && size.min > 0 && self.is_blind(*part) {
                    self.push(Operation::KeepList { size: size.min });
                } else {
                    self.list(size.min, false, false, |lowering| lowering.keep(*part));
                }
            }
            ShapeKind::Map(key, value) => {
                let least = plan.shape(*key).size.min.saturating_add(plan.shape(*value).size.min);
                self.list(least, false, false, |lowering| {
                    lowering.keep(*key);
                    lowering.keep(*value);
                });
            }
            ShapeKind::Array(part, count) => {
                self.repeat(*count, plan.shape(*part).size.min, |lowering| lowering.keep(*part));
            }
            ShapeKind::Framed => self.keep_counted(false),
            ShapeKind::Unframed => self.walkable = false,
        }
    }

    pub(super) fn keep_primitive(&mut self, primitive: Primitive) {
        let fixed = self.plan.from == IntegerEncoding::Fixed;
        match primitive {
            Primitive::Unit => {}
            Primitive::Bool if self.check => _ = self.push(Operation::KeepBool),
            Primitive::Bool | Primitive::U8 | Primitive::I8 => self.keep_bytes(1),
            Primitive::Char => _ = self.push(Operation::KeepChar { check: self.check }),
            Primitive::String => self.keep_counted(self.check),
            sized if fixed || sized.is_float() => self.keep_bytes(sized.width().unwrap_or(0)),
            integer => _ = self.push(Operation::KeepInteger(integer)),
        }
    }

    pub(super) fn check_nonzero(&mut self, primitive: Primitive) {
        if self.check {
            self.push(Operation::CheckNonZero(primitive));
        }
    }

    pub(super) fn check_nanoseconds(&mut self) {
        if self.check {
            self.push(Operation::CheckNanoseconds);
        }
    }

    /// Whether these bytes need no look at all.
    pub(super) fn is_blind(&self, id: ShapeId) -> bool {
        self.blind[id.0 as usize]
    }
}
