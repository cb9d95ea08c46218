//! Lowering: from a plan to a program. It looks at nothing but the plan.

use std::collections::HashMap;

use super::kernel::{Kernel, Move, MoveKind};
use super::program::{At, Constant, Operation, Program, Routine, TagArm, TagTable};
use crate::resolve::{Arm, ArmAction, Plan, RecordStep, ShapeId, ShapeKind, Step, StepId, Target};
use crate::schema::{IntegerEncoding, Primitive, Size};
use crate::wire::{Fixed, Integers, Output, Variable, Writer};

/// How deep shapes are written into each other before one becomes a routine.
const INLINE_DEPTH: usize = 24;
/// The most moves of a kernel: beyond, a list's loop is as good.
const MOST_MOVES: usize = 512;
/// The widest record that a kernel writes. It is laid out beforehand.
const MOST_BYTES: usize = 64 * 1024;

/// Lowers a plan. `check` adds the checks that bytes of foreign origin need.
///
/// `None` if the plan has to walk past bytes that nothing says the end of.
pub(super) fn lower(plan: &Plan, check: bool) -> Option<Program> {
    let mut lowering = Lowering {
        plan,
        check,
        blind: blind(plan, check),
        program: Program { from: plan.from, to: plan.to, ..Program::default() },
        barrier: 0,
        depth: 0,
        levels: 0,
        shared_shapes: shared(plan.shapes.len(), |id| shape_children(plan, id)),
        shared_steps: shared(plan.steps.len(), |id| plan.steps[id].children().iter().map(|c| c.0 as usize).collect()),
        notes: Vec::new(),
        routines: HashMap::new(),
        calls: Vec::new(),
        walkable: true,
    };
    lowering.notes = steps_with_permutes(plan, &lowering.blind, check);
    lowering.step(StepId(0));
    lowering.push(Operation::End);
    lowering.routines();
    lowering.walkable.then_some(lowering.program)
}

struct Lowering<'a> {
    plan: &'a Plan,
    check: bool,
    /// The shapes whose bytes need no look at all.
    blind: Vec<bool>,
    program: Program,
    /// The last place that something jumps to: what stands before must not be merged with what comes.
    barrier: At,
    depth: usize,
    /// How many levels of a value lie between the last frame and what is being written.
    levels: u32,
    shared_shapes: Vec<bool>,
    shared_steps: Vec<bool>,
    /// The steps that have a permuted record of unknown size in or below them.
    notes: Vec<bool>,
    routines: HashMap<Routine, Option<At>>,
    /// Calls whose routine has no place yet.
    calls: Vec<(At, Routine)>,
    walkable: bool,
}

impl Lowering<'_> {
    /// Writes every routine that is called, and then the places into the calls.
    fn routines(&mut self) {
        let mut done = 0;
        while done < self.calls.len() {
            let (call, routine) = self.calls[done];
            done += 1;
            let at = match self.routines.get(&routine) {
                Some(Some(at)) => *at,
                _ => {
                    let at = self.label();
                    self.routines.insert(routine, Some(at));
                    self.depth = 0;
                    self.levels = 0;
                    self.body(routine);
                    self.push(Operation::Return);
                    at
                }
            };
            let operation = &mut self.program.operations[call];
            *operation = match *operation {
                Operation::Permute { .. } => Operation::Permute { note: at },
                Operation::Call { levels, .. } => Operation::Call { routine: at, levels },
                other => other,
            };
        }
    }

    fn body(&mut self, routine: Routine) {
        match routine {
            Routine::Keep(shape) => self.keep_body(shape),
            Routine::Recode(shape) => self.recode_body(shape),
            Routine::Step(step) => self.step_body(step),
            Routine::Note(step, arm) => self.note_body(step, arm),
        }
    }

    /// Writes a routine here, or calls it.
    fn routine(&mut self, routine: Routine, shared: bool) {
        if shared || self.depth >= INLINE_DEPTH {
            let call = self.push(Operation::Call { routine: 0, levels: self.levels });
            self.calls.push((call, routine));
        } else {
            self.depth += 1;
            self.body(routine);
            self.depth -= 1;
        }
    }

    fn push(&mut self, operation: Operation) -> At {
        self.program.operations.push(operation);
        self.program.operations.len() - 1
    }

    /// The next place, as something to jump to.
    fn label(&mut self) -> At {
        self.barrier = self.program.operations.len();
        self.barrier
    }

    fn same_encoding(&self) -> bool {
        self.plan.from == self.plan.to
    }
}

// Walking past stored bytes.
impl Lowering<'_> {
    fn keep(&mut self, id: ShapeId) {
        let shape = self.plan.shape(id);
        if shape.size.exact && self.is_blind(id) {
            self.keep_bytes(shape.size.min);
        } else {
            self.routine(Routine::Keep(id), self.shared_shapes[id.0 as usize]);
        }
    }

    fn keep_bytes(&mut self, length: usize) {
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

    fn keep_body(&mut self, id: ShapeId) {
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

    fn keep_primitive(&mut self, primitive: Primitive) {
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

    fn check_nonzero(&mut self, primitive: Primitive) {
        if self.check {
            self.push(Operation::CheckNonZero(primitive));
        }
    }

    fn check_nanoseconds(&mut self) {
        if self.check {
            self.push(Operation::CheckNanoseconds);
        }
    }

    /// Whether these bytes need no look at all.
    fn is_blind(&self, id: ShapeId) -> bool {
        self.blind[id.0 as usize]
    }
}

// Re-encoding stored bytes: everything stays but the integers' encoding.
impl Lowering<'_> {
    fn same(&mut self, id: ShapeId) {
        if self.same_encoding() { self.keep(id) } else { self.recode(id) }
    }

    fn recode(&mut self, id: ShapeId) {
        if self.plan.shape(id).size == Size::exactly(0) {
            return;
        }
        self.routine(Routine::Recode(id), self.shared_shapes[id.0 as usize]);
    }

    fn recode_body(&mut self, id: ShapeId) {
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

    fn recode_primitive(&mut self, primitive: Primitive) {
        match primitive {
            Primitive::String => _ = self.push(Operation::RecodeBytes { utf8: self.check }),
            wide if wide.is_integer() && wide.width() > Some(1) => {
                self.push(Operation::Convert { from: wide, to: wide });
            }
            other => self.keep_primitive(other),
        }
    }
}

// Carrying steps out.
impl Lowering<'_> {
    fn step(&mut self, id: StepId) {
        if let Step::Same(shape) = self.plan.step(id) {
            self.same(*shape);
        } else {
            self.routine(Routine::Step(id), self.shared_steps[id.0 as usize]);
        }
    }

    fn step_body(&mut self, id: StepId) {
        let plan = self.plan;
        match plan.step(id) {
            Step::Same(shape) => self.same(*shape),
            Step::Record(record) => {
                if let ShapeKind::NonZero(primitive) = &plan.shape(plan.origin(id)).kind {
                    self.check_nonzero(*primitive);
                }
                match kernel_of(plan, id, &self.blind, self.check) {
                    Some(kernel) => {
                        let kernel = self.kernel(kernel);
                        self.push(Operation::Gather { kernel });
                    }
                    None => self.record(record, Routine::Note(id, None)),
                }
            }
            Step::Enum(arms) => self.enumeration(id, arms),
            Step::Option(step) => self.option(|lowering| lowering.step(*step)),
            Step::Some(step) => {
                self.write(&[1]);
                self.deeper(|lowering| lowering.step(*step));
            }
            Step::List { element, empty } => {
                let least = self.least_of(&[*element]);
                let kernel = kernel_of(plan, *element, &self.blind, self.check).filter(|kernel| kernel.size_in > 0);
                match kernel {
                    Some(kernel) if self.same_encoding() && !empty => {
                        let kernel = self.kernel(kernel);
                        self.push(Operation::GatherList { kernel });
                    }
                    _ => self.list(least, !self.same_encoding(), *empty, |lowering| lowering.step(*element)),
                }
            }
            Step::Map { key, value, empty } => {
                let least = self.least_of(&[*key, *value]);
                self.list(least, !self.same_encoding(), *empty, |lowering| {
                    lowering.step(*key);
                    lowering.step(*value);
                });
            }
            Step::Array { element, length, to_list } => {
                if *to_list {
                    self.write(&encoded_length(plan.to, *length));
                }
                self.repeat(*length, self.least_of(&[*element]), |lowering| lowering.step(*element));
            }
            Step::Convert { from, to } => match kernel_of(plan, id, &self.blind, self.check) {
                Some(kernel) => {
                    let kernel = self.kernel(kernel);
                    self.push(Operation::Gather { kernel });
                }
                None => _ = self.push(Operation::Convert { from: *from, to: *to }),
            },
        }
    }

    fn least_of(&self, steps: &[StepId]) -> usize {
        steps.iter().fold(0, |sum, step| sum.saturating_add(self.plan.shape(self.plan.origin(*step)).size.min))
    }

    fn record(&mut self, record: &RecordStep, note: Routine) {
        if record.in_order() { self.straight(record) } else { self.permuted(record, note) }
    }

    /// Fields in stored order, with some dropped and some added between.
    fn straight(&mut self, record: &RecordStep) {
        let mut next = 0;
        for target in &record.targets {
            match target {
                Target::From { source, step } => {
                    self.drop_shapes(&record.sources[next..*source]);
                    self.step(*step);
                    next = source + 1;
                }
                Target::Constant(bytes) => self.write(bytes),
            }
        }
        self.drop_shapes(&record.sources[next..]);
    }

    /// Fields in another order: each is sought where it was noted, unless it follows the one before.
    fn permuted(&mut self, record: &RecordStep, note: Routine) {
        let permute = self.push(Operation::Permute { note: 0 });
        self.calls.push((permute, note));
        let mut at = None;
        for target in &record.targets {
            match target {
                Target::From { source, step } => {
                    if at != Some(*source) {
                        self.push(Operation::Seek(*source));
                    }
                    self.step(*step);
                    at = Some(source + 1);
                }
                Target::Constant(bytes) => self.write(bytes),
            }
        }
        self.push(Operation::EndPermute);
    }

    fn enumeration(&mut self, id: StepId, arms: &[Arm]) {
        let recode = !self.same_encoding();
        let tags = arms
            .iter()
            .enumerate()
            .map(|(place, arm)| {
                let write = match &arm.action {
                    ArmAction::Keep { tag, .. } => {
                        (recode || *tag != arm.stored_tag).then(|| encoded_tag(self.plan.to, *tag))
                    }
                    // The declared value brings its own tag.
                    ArmAction::Replace { .. } => Some(Vec::new()),
                };
                (arm.stored_tag, write, (place, &arm.action))
            })
            .collect();
        self.arms(tags, |lowering, (place, action)| match action {
            ArmAction::Keep { payload, .. } => lowering.record(payload, Routine::Note(id, Some(place))),
            ArmAction::Replace { payload, value } => {
                lowering.drop_shapes(payload);
                lowering.write(value);
            }
        });
    }

    fn drop_shapes(&mut self, shapes: &[ShapeId]) {
        if shapes.is_empty() {
            return;
        }
        self.push(Operation::Flush);
        shapes.iter().for_each(|shape| self.keep(*shape));
        self.push(Operation::Forget);
    }
}

// Noting where fields lie that will be moved.
impl Lowering<'_> {
    fn note(&mut self, id: StepId) {
        if self.notes[id.0 as usize] {
            self.routine(Routine::Note(id, None), self.shared_steps[id.0 as usize]);
        } else {
            self.keep(self.plan.origin(id));
        }
    }

    fn note_body(&mut self, id: StepId, arm: Option<usize>) {
        let plan = self.plan;
        match plan.step(id) {
            Step::Same(_) | Step::Convert { .. } => self.keep(plan.origin(id)),
            Step::Record(record) => self.note_record(record),
            Step::Enum(arms) => match arm.and_then(|place| arms.get(place)) {
                Some(arm) => self.note_arm(arm),
                None => {
                    let arms = arms.iter().map(|arm| (arm.stored_tag, None, arm)).collect();
                    self.arms(arms, Self::note_arm);
                }
            },
            Step::Option(step) => self.option(|lowering| lowering.note(*step)),
            Step::Some(step) => self.note(*step),
            Step::List { element, .. } => {
                let least = self.least_of(&[*element]);
                self.list(least, false, false, |lowering| lowering.note(*element));
            }
            Step::Map { key, value, .. } => {
                let least = self.least_of(&[*key, *value]);
                self.list(least, false, false, |lowering| {
                    lowering.note(*key);
                    lowering.note(*value);
                });
            }
            Step::Array { element, length, .. } => {
                self.repeat(*length, self.least_of(&[*element]), |lowering| lowering.note(*element));
            }
        }
    }

    fn note_arm(&mut self, arm: &Arm) {
        match &arm.action {
            ArmAction::Keep { payload, .. } => self.note_record(payload),
            ArmAction::Replace { payload, .. } => payload.iter().for_each(|shape| self.keep(*shape)),
        }
    }

    fn note_record(&mut self, record: &RecordStep) {
        let permuted = !record.in_order();
        if permuted {
            self.push(Operation::Note { fields: record.sources.len() });
        }
        for (place, shape) in record.sources.iter().enumerate() {
            if permuted {
                self.push(Operation::NoteField(place));
            }
            let step = record.targets.iter().find_map(|target| match target {
                Target::From { source, step } if *source == place => Some(*step),
                _ => None,
            });
            match step {
                Some(step) => self.note(step),
                None => self.keep(*shape),
            }
        }
        if permuted {
            self.push(Operation::EndNote);
        }
    }
}

// The shapes of control.
impl Lowering<'_> {
    /// A tag and its arms: tag, new tag as bytes, and what the arm is made of.
    fn arms<P>(&mut self, arms: Vec<(u32, Option<Vec<u8>>, P)>, mut body: impl FnMut(&mut Self, P)) {
        let table = self.program.tags.len();
        self.program.tags.push(TagTable::default());
        self.push(Operation::Tag { table });
        let mut placed = Vec::with_capacity(arms.len());
        let mut jumps = Vec::with_capacity(arms.len());
        for (tag, write, part) in arms {
            let write = write.map(|bytes| self.constant(&bytes));
            let at = self.label();
            self.deeper(|lowering| body(lowering, part));
            jumps.push(self.push(Operation::Jump(0)));
            placed.push(TagArm { tag, at, write });
        }
        let end = self.label();
        for jump in jumps {
            self.program.operations[jump] = Operation::Jump(end);
        }
        placed.sort_by_key(|arm| arm.tag);
        let dense = (0u32..).zip(&placed).all(|(place, arm)| place == arm.tag);
        self.program.tags[table] = TagTable { arms: placed, dense };
    }

    fn option(&mut self, body: impl FnOnce(&mut Self)) {
        let option = self.push(Operation::Option { none: 0 });
        self.deeper(body);
        let none = self.label();
        self.program.operations[option] = Operation::Option { none };
    }

    fn list(&mut self, least: usize, recode: bool, empty: bool, body: impl FnOnce(&mut Self)) {
        let levels = self.levels + 1;
        let list = self.push(Operation::List { least, end: 0, recode, empty, levels });
        let end = self.looped(body);
        self.program.operations[list] = Operation::List { least, end, recode, empty, levels };
    }

    fn repeat(&mut self, count: u64, least: usize, body: impl FnOnce(&mut Self)) {
        if count == 0 {
            return;
        }
        let levels = self.levels;
        let repeat = self.push(Operation::Repeat { count, least, end: 0, levels });
        let end = self.looped(body);
        self.program.operations[repeat] = Operation::Repeat { count, least, end, levels };
    }

    /// Writes what lies one level deeper in a value.
    fn deeper(&mut self, body: impl FnOnce(&mut Self)) {
        self.levels += 1;
        body(self);
        self.levels -= 1;
    }

    fn looped(&mut self, body: impl FnOnce(&mut Self)) -> At {
        let begin = self.label();
        // A loop has a frame of its own, from which levels are counted anew.
        let levels = std::mem::take(&mut self.levels);
        body(self);
        self.levels = levels;
        self.push(Operation::Next { body: begin });
        self.label()
    }

    fn write(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            let constant = self.constant(bytes);
            self.push(Operation::Write(constant));
        }
    }

    fn constant(&mut self, bytes: &[u8]) -> Constant {
        let place = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let start = place(self.program.constants.len());
        self.program.constants.extend_from_slice(bytes);
        Constant { start, end: place(self.program.constants.len()) }
    }

    fn kernel(&mut self, kernel: Kernel) -> usize {
        self.program.kernels.push(kernel);
        self.program.kernels.len() - 1
    }
}

/// The kernel of a step whose stored and new bytes have a known size and need no look.
fn kernel_of(plan: &Plan, id: StepId, blind: &[bool], check: bool) -> Option<Kernel> {
    let mut record = Flat { plan, blind, check, template: Vec::new(), moves: Vec::new(), visits: 0 };
    if plan.from != plan.to {
        return None;
    }
    record.flatten(id, 0, 0)?;
    Kernel::new(plan.shape(plan.origin(id)).size.min, record.template, &record.moves)
}

/// A record of known size while its moves are collected.
struct Flat<'a> {
    plan: &'a Plan,
    blind: &'a [bool],
    check: bool,
    template: Vec<u8>,
    moves: Vec<Move>,
    /// How many steps were looked at, those without bytes counted too.
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
                let length = self.blind_size(*shape)?;
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
                    place = place.checked_add(self.blind_size(*source)?)?;
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
                let size = self.blind_size(plan.origin(*element))?;
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

    /// Whether the new record has room for so many bytes more: schemas may name arrays of any length.
    fn room(&self, length: usize) -> Option<()> {
        (length <= MOST_BYTES - self.template.len()).then_some(())
    }

    fn blind_size(&self, id: ShapeId) -> Option<usize> {
        let size = self.plan.shape(id).size;
        (size.exact && self.blind[id.0 as usize]).then_some(size.min)
    }
}

/// The shapes that hold nothing that has to be looked at, if their size is known. Tags are always looked at.
///
/// What has to be looked at is spread from part to whole, so that sharing costs nothing.
fn blind(plan: &Plan, check: bool) -> Vec<bool> {
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
    let mut blind: Vec<bool> = plan.shapes.iter().map(|shape| is_plain(&shape.kind)).collect();
    let mut reached: Vec<usize> = (0..blind.len()).filter(|id| !blind[*id]).collect();
    while let Some(id) = reached.pop() {
        for whole in &wholes[id] {
            if std::mem::replace(&mut blind[*whole], false) {
                reached.push(*whole);
            }
        }
    }
    blind
}

/// The nodes of a graph that get routines: those at which a cycle closes, and those that are made of others and
/// used more than once.
fn shared(count: usize, children: impl Fn(usize) -> Vec<usize>) -> Vec<bool> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut uses = vec![0u32; count];
    let mut state = vec![State::New; count];
    let mut shared = vec![false; count];
    for start in 0..count {
        let mut stack = vec![start];
        while let Some(&at) = stack.last() {
            match state[at] {
                State::New => {
                    state[at] = State::Open;
                    for child in children(at) {
                        uses[child] += 1;
                        match state[child] {
                            State::New => stack.push(child),
                            State::Open => shared[child] = true,
                            State::Done => {}
                        }
                    }
                }
                State::Open => {
                    state[at] = State::Done;
                    stack.pop();
                }
                State::Done => _ = stack.pop(),
            }
        }
    }
    for (id, shared) in shared.iter_mut().enumerate() {
        *shared |= uses[id] > 1 && !children(id).is_empty();
    }
    shared
}

fn shape_children(plan: &Plan, id: usize) -> Vec<usize> {
    let children: Vec<ShapeId> = match &plan.shapes[id].kind {
        ShapeKind::Record(parts) => parts.clone(),
        ShapeKind::Enum(variants) => variants.iter().flat_map(|(_, parts)| parts.iter().copied()).collect(),
        ShapeKind::Option(part) | ShapeKind::List(part) | ShapeKind::Array(part, _) => vec![*part],
        ShapeKind::Map(key, value) => vec![*key, *value],
        _ => Vec::new(),
    };
    children.into_iter().map(|child| child.0 as usize).collect()
}

/// The steps that have, in or below them, a record whose fields have to be noted before they are moved.
fn steps_with_permutes(plan: &Plan, blind: &[bool], check: bool) -> Vec<bool> {
    let mut parents: Vec<Vec<usize>> = vec![Vec::new(); plan.steps.len()];
    for (id, step) in plan.steps.iter().enumerate() {
        for child in step.children() {
            parents[child.0 as usize].push(id);
        }
    }
    let permutes = |(id, step): (u32, &Step)| match step {
        Step::Record(record) => !record.in_order() && kernel_of(plan, StepId(id), blind, check).is_none(),
        Step::Enum(arms) => arms.iter().any(|arm| match &arm.action {
            ArmAction::Keep { payload, .. } => !payload.in_order(),
            ArmAction::Replace { .. } => false,
        }),
        _ => false,
    };
    let mut notes: Vec<bool> = (0u32..).zip(&plan.steps).map(permutes).collect();
    let mut reached: Vec<usize> = (0..notes.len()).filter(|id| notes[*id]).collect();
    while let Some(id) = reached.pop() {
        for parent in &parents[id] {
            if !std::mem::replace(&mut notes[*parent], true) {
                reached.push(*parent);
            }
        }
    }
    notes
}

fn encoded_tag(integers: IntegerEncoding, tag: u32) -> Vec<u8> {
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

fn encoded_length(integers: IntegerEncoding, length: u64) -> Vec<u8> {
    fn write<E: Integers>(length: u64) -> Vec<u8> {
        let mut output = Output::<E>::new(Vec::new());
        output.put_u64(length);
        output.into_bytes()
    }
    match integers {
        IntegerEncoding::Fixed => write::<Fixed>(length),
        IntegerEncoding::Variable => write::<Variable>(length),
    }
}
