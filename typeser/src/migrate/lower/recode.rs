//! Code that re-encodes stored bytes: only the integer encoding changes.

use super::control::encoded_tag;
use super::lowering::Lowering;
use crate::migrate::operation::{Operation, Routine};
use crate::resolve::{ShapeId, ShapeKind};
use crate::schema::{Primitive, Size};

impl Lowering<'_> {
    pub(super) fn same(&mut self, id: ShapeId) {
        if self.same_encoding() {
            let outside = std::mem::replace(&mut self.is_kept, true);
            self.skip(id);
            self.is_kept = outside;
        } else {
            self.recode(id);
        }
    }

    pub(super) fn recode(&mut self, id: ShapeId) {
        if self.plan.shape(id).size == Size::exactly(0) {
            return;
        }
        self.routine(Routine::Recode(id), self.shared_shapes[id.0 as usize]);
    }

    pub(super) fn recode_body(&mut self, id: ShapeId) {
        let plan = self.plan;
        match &plan.shape(id).kind {
            ShapeKind::Primitive(primitive) => self.recode_primitive(*primitive),
            ShapeKind::NonZero(primitive) => {
                self.check_nonzero(*primitive);
                self.recode_primitive(*primitive);
            }
            ShapeKind::Nanoseconds => {
                self.check_nanoseconds();
                self.recode_primitive(Primitive::U32);
            }
            ShapeKind::Record(parts) => parts.iter().for_each(|part| self.recode(*part)),
            ShapeKind::Enum(variants) => {
                let recoded = |tag: u32| Some(encoded_tag(plan.to, tag));
                let arms = variants.iter().map(|(tag, parts)| (*tag, recoded(*tag), parts)).collect();
                self.arms(arms, |lowering, parts| parts.iter().for_each(|part| lowering.recode(*part)));
            }
            ShapeKind::Option(part) => self.option(|lowering| lowering.recode(*part)),
            ShapeKind::List(part) => {
                let least = plan.shape(*part).size.min;
                self.list(least, true, false, |lowering| lowering.recode(*part));
            }
            ShapeKind::Map(key, value) => {
                let least = plan.shape(*key).size.min.saturating_add(plan.shape(*value).size.min);
                self.list(least, true, false, |lowering| {
                    lowering.recode(*key);
                    lowering.recode(*value);
                });
            }
            ShapeKind::Array(part, count) => {
                self.repeat(*count, plan.shape(*part).size.min, |lowering| lowering.recode(*part));
            }
            ShapeKind::Framed => _ = self.push(Operation::RecodeBytes { utf8: false }),
            ShapeKind::Unframed => self.walkable = false,
        }
    }

    pub(super) fn recode_primitive(&mut self, primitive: Primitive) {
        match primitive {
            Primitive::String => _ = self.push(Operation::RecodeBytes { utf8: self.check }),
            wide if wide.is_integer() && wide.width() > Some(1) => {
                self.push(Operation::Convert { from: wide, to: wide });
            }
            other => self.skip_primitive(other),
        }
    }
}
