//! Code that skips stored bytes.

use super::lowering::Lowering;
use crate::migrate::program::{Operation, Routine};
use crate::resolve::{ShapeId, ShapeKind};
use crate::schema::{IntegerEncoding, Primitive};

impl Lowering<'_> {
    pub(super) fn skip(&mut self, id: ShapeId) {
        let shape = self.plan.shape(id);
        if shape.size.exact && self.is_unchecked(id) {
            self.skip_bytes(shape.size.min);
        } else {
            self.routine(Routine::Skip(id), self.shared_shapes[id.0 as usize]);
        }
    }

    pub(super) fn skip_bytes(&mut self, length: usize) {
        if length == 0 {
            return;
        }
        // A length that overflows cannot exist in memory. Separate operations report it.
        let longer = |after: u32| u32::try_from(length).ok().and_then(|length| after.checked_add(length));
        match self.mergeable() {
            Some(Operation::Skip(before)) if before.checked_add(length).is_some() => *before += length,
            Some(Operation::SkipBytes { after, .. } | Operation::SkipString { after, .. })
                if longer(*after).is_some() =>
            {
                *after = longer(*after).unwrap_or(*after);
            }
            _ => _ = self.push(Operation::Skip(length)),
        }
    }

    /// Skips a length and as many bytes, together with the bytes of known size before them.
    fn skip_counted(&mut self, utf8: bool) {
        let kept = |before: u32| match utf8 {
            true => Operation::SkipString { before, after: 0 },
            false => Operation::SkipBytes { before, after: 0 },
        };
        let merged = match self.mergeable() {
            Some(Operation::Skip(length)) => u32::try_from(*length).ok(),
            _ => None,
        };
        match (merged, self.program.operations.last_mut()) {
            (Some(before), Some(last)) => *last = kept(before),
            _ => _ = self.push(kept(0)),
        }
    }

    /// The last operation, if nothing jumps to the one after it.
    fn mergeable(&mut self) -> Option<&mut Operation> {
        let mergeable = self.barrier < self.program.operations.len();
        self.program.operations.last_mut().filter(|_| mergeable)
    }

    pub(super) fn skip_body(&mut self, id: ShapeId) {
        let plan = self.plan;
        match &plan.shape(id).kind {
            ShapeKind::Primitive(primitive) => self.skip_primitive(*primitive),
            ShapeKind::NonZero(primitive) => {
                self.check_nonzero(*primitive);
                self.skip_primitive(*primitive);
            }
            ShapeKind::Nanoseconds => {
                self.check_nanoseconds();
                self.skip_primitive(Primitive::U32);
            }
            ShapeKind::Record(parts) => parts.iter().for_each(|part| self.skip(*part)),
            ShapeKind::Enum(variants) => {
                let arms = variants.iter().map(|(tag, parts)| (*tag, None, parts)).collect();
                self.arms(arms, |lowering, parts| parts.iter().for_each(|part| lowering.skip(*part)));
            }
            ShapeKind::Option(part) => self.option(|lowering| lowering.skip(*part)),
            ShapeKind::List(part) => {
                let size = plan.shape(*part).size;
                if size.exact && size.min > 0 && self.is_unchecked(*part) {
                    self.push(Operation::SkipList { size: size.min });
                } else {
                    self.list(size.min, false, false, |lowering| lowering.skip(*part));
                }
            }
            ShapeKind::Map(key, value) => {
                let least = plan.shape(*key).size.min.saturating_add(plan.shape(*value).size.min);
                self.list(least, false, false, |lowering| {
                    lowering.skip(*key);
                    lowering.skip(*value);
                });
            }
            ShapeKind::Array(part, count) => {
                self.repeat(*count, plan.shape(*part).size.min, |lowering| lowering.skip(*part));
            }
            ShapeKind::Framed => self.skip_counted(false),
            ShapeKind::Unframed => self.walkable = false,
        }
    }

    pub(super) fn skip_primitive(&mut self, primitive: Primitive) {
        let fixed = self.plan.from == IntegerEncoding::Fixed;
        match primitive {
            Primitive::Unit => {}
            Primitive::Bool if self.check => _ = self.push(Operation::SkipBool),
            Primitive::Bool | Primitive::U8 | Primitive::I8 => self.skip_bytes(1),
            Primitive::Char => _ = self.push(Operation::SkipChar { check: self.check }),
            Primitive::String => self.skip_counted(self.check),
            sized if fixed || sized.is_float() => self.skip_bytes(sized.width().unwrap_or(0)),
            integer => _ = self.push(Operation::SkipInteger(integer)),
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

    /// Whether these bytes need no check.
    pub(super) fn is_unchecked(&self, id: ShapeId) -> bool {
        self.unchecked[id.0 as usize]
    }
}
