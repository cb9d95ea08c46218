//! Code that skips stored bytes.

use super::lowering::Lowering;
use crate::migrate::operation::{Gaps, Operation, Routine, Text};
use crate::resolve::{ShapeId, ShapeKind};
use crate::schema::{IntegerEncoding, Primitive};

impl Lowering<'_> {
    pub(super) fn skip(&mut self, id: ShapeId) {
        let shape = self.plan.shape(id);
        if shape.size.exact && self.is_unchecked(id) {
            self.skip_bytes(shape.size.min);
        } else {
            // A call would take as many operations as such a list itself.
            let is_one = matches!(&shape.kind, ShapeKind::List(part) if self.has_sized_elements(*part));
            self.routine(Routine::Skip(id), self.shared_shapes[id.0 as usize] && !is_one);
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
            Some(Operation::SkipCounted { after, .. }) if longer(*after).is_some() => {
                *after = longer(*after).unwrap_or(*after);
            }
            _ => _ = self.push(Operation::Skip(length)),
        }
    }

    /// Skips a length and as many bytes, together with the counted and the sized bytes before them.
    fn skip_counted(&mut self, text: Text) {
        let start = u32::try_from(self.program.gaps.len()).unwrap_or(u32::MAX);
        let alone = Operation::SkipCounted { gaps: Gaps { start, end: start.saturating_add(1) }, text, after: 0 };
        let sized = |last: &Operation| match last {
            Operation::Skip(length) => u32::try_from(*length).ok(),
            _ => None,
        };
        let gap = match self.mergeable().map(|last| (sized(last), last)) {
            Some((_, Operation::SkipCounted { gaps, text: before, after })) if *before == text && gaps.end == start => {
                gaps.end = gaps.end.saturating_add(1);
                std::mem::take(after)
            }
            Some((Some(length), last)) => {
                *last = alone;
                length
            }
            _ => {
                self.push(alone);
                0
            }
        };
        self.program.gaps.push(gap);
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
                match size.min {
                    1 if self.has_sized_elements(*part) => self.skip_counted(Text::Unchecked),
                    2.. if self.has_sized_elements(*part) => _ = self.push(Operation::SkipList { size: size.min }),
                    _ => self.list(size.min, false, false, |lowering| lowering.skip(*part)),
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
            ShapeKind::Framed => self.skip_counted(Text::Unchecked),
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
            Primitive::String => self.skip_counted(match (self.check, self.is_kept) {
                (false, _) => Text::Unchecked,
                (true, false) => Text::Checked,
                (true, true) => Text::Kept,
            }),
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

    /// Whether the elements of a list take the same number of bytes each, at least one, and need no check.
    fn has_sized_elements(&self, element: ShapeId) -> bool {
        let size = self.plan.shape(element).size;
        size.exact && size.min > 0 && self.is_unchecked(element)
    }

    /// Whether these bytes need no check.
    pub(super) fn is_unchecked(&self, id: ShapeId) -> bool {
        self.unchecked[id.0 as usize]
    }
}
