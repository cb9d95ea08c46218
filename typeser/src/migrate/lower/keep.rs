//! Walking past stored bytes.

use super::Lowering;
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
        let mergeable = self.barrier < self.program.operations.len();
        match self.program.operations.last_mut() {
            // What overflows could never be there: it is found out one after the other.
            Some(Operation::Keep(before)) if mergeable && before.checked_add(length).is_some() => *before += length,
            _ => _ = self.push(Operation::Keep(length)),
        }
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
            ShapeKind::Framed => _ = self.push(Operation::KeepBytes),
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
            Primitive::String if self.check => _ = self.push(Operation::KeepString),
            Primitive::String => _ = self.push(Operation::KeepBytes),
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
