//! Records of known size, and the kernels that rearrange them.

use super::graph::shape_children;
use super::kernels::Made;
use super::lowering::{INLINE_DEPTH, Lowering};
use crate::migrate::kernel::Kernel;
use crate::migrate::moves::{Move, MoveKind};
use crate::migrate::operation::Operation;
use crate::resolve::{Plan, ShapeId, ShapeKind, Step, StepId, Target};
use crate::schema::{IntegerEncoding, Primitive};

/// The most moves of a kernel. Beyond that, a loop over operations is as fast.
const MOST_MOVES: usize = 512;
/// The widest record that a kernel writes, since the kernel holds a template of it.
const MOST_BYTES: usize = 64 * 1024;

/// How many new bytes parts that follow each other have together, if one kernel rearranges them.
const MOST_JOINED: usize = 1024;

/// How many stored bytes they have together.
const MOST_STORED: usize = u32::MAX as usize;

impl Lowering<'_> {
    /// Whether a step is performed by a kernel.
    pub(super) fn has_kernel(&mut self, id: StepId) -> bool {
        if let Some(made) = self.kernels.known.get(&id) {
            return !matches!(made, Made::None);
        }
        let kernel = kernel_of(self.plan, id, &self.unchecked, self.check).filter(|_| self.kernels.left > 0);
        let made = match kernel {
            None => Made::None,
            Some(kernel) => {
                // After the first that is too large there are no more, so that no record inside another is left without
                // one where the outer one has one.
                self.kernels.left = self.kernels.left.saturating_sub(kernel.weight());
                if self.kernels.left > 0 { Made::Ready(kernel) } else { Made::None }
            }
        };
        let is_made = !matches!(made, Made::None);
        self.kernels.known.insert(id, made);
        is_made
    }

    /// Whether the kernel of a step was made already.
    pub(super) fn has_made_kernel(&self, id: StepId) -> bool {
        self.kernels.known.get(&id).is_some_and(|made| !matches!(made, Made::None))
    }

    /// The kernel of a step in the program, and how many bytes each stored record has.
    pub(super) fn kernel(&mut self, id: StepId) -> Option<(usize, usize)> {
        if !self.has_kernel(id) {
            return None;
        }
        let made = self.kernels.known.get_mut(&id)?;
        let index = match std::mem::replace(made, Made::Placed(self.program.kernels.len())) {
            Made::Ready(kernel) => {
                self.program.kernels.push(kernel);
                self.program.kernels.len() - 1
            }
            Made::Placed(index) => {
                *made = Made::Placed(index);
                index
            }
            Made::None => return None,
        };
        Some((index, self.program.kernels[index].size_in))
    }

    /// Rearranges the next part by a kernel. If another one has just been rearranged, both are by one kernel from now on.
    pub(super) fn copy_table(&mut self, kernel: usize) {
        let last = self.program.operations.len().checked_sub(1).filter(|last| *last >= self.barrier);
        let before = last.and_then(|last| match self.program.operations[last] {
            Operation::CopyTable { kernel } => Some((last, kernel)),
            _ => None,
        });
        match before {
            Some((last, before)) if self.can_join(before, kernel) => {
                let next = self.program.kernels[kernel].clone();
                self.kernels.left = self.kernels.left.saturating_sub(next.weight());
                if self.kernels.joined == Some(before) {
                    self.program.kernels[before].append(&next);
                    return;
                }
                let mut joined = self.program.kernels[before].clone();
                self.kernels.left = self.kernels.left.saturating_sub(joined.weight());
                joined.append(&next);
                self.program.operations[last] = Operation::CopyTable { kernel: self.program.kernels.len() };
                self.kernels.joined = Some(self.program.kernels.len());
                self.program.kernels.push(joined);
            }
            _ => _ = self.push(Operation::CopyTable { kernel }),
        }
    }

    /// Whether both have few bytes together, stored ones too: what is dropped may be of any size.
    fn can_join(&self, before: usize, next: usize) -> bool {
        let [before, next] = [before, next].map(|kernel| &self.program.kernels[kernel]);
        let size_in = before.size_in.saturating_add(next.size_in);
        let size_out = before.size_out.saturating_add(next.size_out);
        self.kernels.left > 0 && size_in <= MOST_STORED && size_out <= MOST_JOINED
    }
}

/// The kernel of a step whose stored and new bytes have a known size and need no check.
fn kernel_of(plan: &Plan, id: StepId, unchecked: &[bool], check: bool) -> Option<Kernel> {
    let mut record = Flat { plan, unchecked, check, template: Vec::new(), moves: Vec::new(), visits: 0 };
    if plan.from != plan.to {
        return None;
    }
    record.flatten(id, 0, 0)?;
    Kernel::new(plan.shape(plan.origin(id)).size.min, record.template, &record.moves)
}

/// A record of known size while its moves are collected.
struct Flat<'a> {
    plan: &'a Plan,
    unchecked: &'a [bool],
    check: bool,
    template: Vec<u8>,
    moves: Vec<Move>,
    /// How many steps were visited, including those without bytes.
    visits: usize,
}

impl Flat<'_> {
    fn flatten(&mut self, id: StepId, from: usize, depth: usize) -> Option<()> {
        self.visits += 1;
        if depth > INLINE_DEPTH || self.moves.len() > MOST_MOVES || self.visits > 4 * MOST_MOVES {
            return None;
        }
        let plan = self.plan;
        match plan.step(id) {
            Step::Same(shape) => {
                let length = self.unchecked_size(*shape)?;
                self.add(from, length, MoveKind::Copy { length })?;
            }
            Step::Convert { from: narrow, to: wide } => {
                let known = |primitive: Primitive| {
                    let sized = plan.from == IntegerEncoding::Fixed || primitive.is_float();
                    primitive.width().filter(|width| sized || *width == 1)
                };
                known(*narrow)?;
                self.add(from, known(*wide)?, MoveKind::Convert { from: *narrow, to: *wide })?;
            }
            Step::Record(record) => {
                let nonzero = matches!(plan.shape(plan.origin(id)).kind, ShapeKind::NonZero(_));
                if nonzero && self.check {
                    return None;
                }
                let mut places = Vec::with_capacity(record.sources.len());
                let mut place = from;
                for source in &record.sources {
                    places.push(place);
                    place = place.checked_add(self.unchecked_size(*source)?)?;
                }
                for target in &record.targets {
                    match target {
                        Target::From { source, step } => self.flatten(*step, places[*source], depth + 1)?,
                        Target::Constant(bytes) => {
                            self.room(bytes.len())?;
                            self.template.extend_from_slice(bytes);
                        }
                    }
                }
            }
            Step::Array { element, length, to_list: false } => {
                let size = self.unchecked_size(plan.origin(*element))?;
                let length = usize::try_from(*length).ok().filter(|length| *length <= MOST_MOVES)?;
                from.checked_add(length.checked_mul(size)?)?;
                for place in 0..length {
                    self.flatten(*element, from + place * size, depth + 1)?;
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn add(&mut self, from: usize, length: usize, kind: MoveKind) -> Option<()> {
        self.room(length)?;
        if length > 0 {
            let to = self.template.len();
            self.moves.push(Move { from, to, kind });
            self.template.resize(to + length, 0);
        }
        Some(())
    }

    /// Fails if the new record would become too wide: schemas may have arrays of any length.
    fn room(&self, length: usize) -> Option<()> {
        (length <= MOST_BYTES - self.template.len()).then_some(())
    }

    fn unchecked_size(&self, id: ShapeId) -> Option<usize> {
        let size = self.plan.shape(id).size;
        (size.exact && self.unchecked[id.0 as usize]).then_some(size.min)
    }
}

/// The shapes without parts that have to be checked. Tags are always checked.
///
/// The need for a check propagates from part to whole, so that shared shapes cost nothing.
pub(super) fn unchecked(plan: &Plan, check: bool) -> Vec<bool> {
    let mut wholes: Vec<Vec<usize>> = vec![Vec::new(); plan.shapes.len()];
    for (id, shape) in plan.shapes.iter().enumerate() {
        if matches!(shape.kind, ShapeKind::Record(_) | ShapeKind::Array(..)) {
            shape_children(plan, id).into_iter().for_each(|part| wholes[part].push(id));
        }
    }
    let is_plain = |kind: &ShapeKind| match kind {
        ShapeKind::Primitive(Primitive::Bool) | ShapeKind::NonZero(_) | ShapeKind::Nanoseconds => !check,
        ShapeKind::Primitive(_) | ShapeKind::Record(_) | ShapeKind::Array(..) => true,
        ShapeKind::Enum(_)
        | ShapeKind::Option(_)
        | ShapeKind::List(_)
        | ShapeKind::Map(..)
        | ShapeKind::Framed
        | ShapeKind::Unframed => false,
    };
    let mut unchecked: Vec<bool> = plan.shapes.iter().map(|shape| is_plain(&shape.kind)).collect();
    let mut reached: Vec<usize> = (0..unchecked.len()).filter(|id| !unchecked[*id]).collect();
    while let Some(id) = reached.pop() {
        for whole in &wholes[id] {
            if std::mem::replace(&mut unchecked[*whole], false) {
                reached.push(*whole);
            }
        }
    }
    unchecked
}
