//! Control flow: arms, options, loops and constants.

use std::sync::Arc;

use super::lowering::Lowering;
use crate::migrate::constant::Constant;
use crate::migrate::operation::{At, Levels, Operation, TagArm, TagTable};
use crate::schema::IntegerEncoding;
use crate::wire::{Fixed, Integers, Output, Variable, Writer};

impl Lowering<'_> {
    /// A tag and its arms: stored tag, bytes of the new tag, and contents.
    pub(super) fn arms<P>(&mut self, arms: Vec<(u32, Option<Vec<u8>>, P)>, mut body: impl FnMut(&mut Self, P)) {
        let table = self.program.tags.len();
        self.program.tags.push(TagTable::default());
        self.push(Operation::Tag { table });
        let mut placed = Vec::with_capacity(arms.len());
        let mut jumps = Vec::with_capacity(arms.len());
        for (tag, write, part) in arms {
            let write = write.map(|bytes| self.constant(&bytes));
            let at = self.label();
            self.deeper(Levels::BOTH, |lowering| body(lowering, part));
            jumps.push(self.push(Operation::Jump(0)));
            placed.push(TagArm { tag, at, write });
        }
        let end = self.label();
        for jump in jumps {
            self.program.operations[jump] = Operation::Jump(end);
        }
        placed.sort_by_key(|arm| arm.tag);
        let dense = (0u32..).zip(&placed).all(|(place, arm)| place == arm.tag);
        self.program.tags[table] = TagTable { arms: placed, dense, refused: Vec::new() };
    }

    pub(super) fn option(&mut self, body: impl FnOnce(&mut Self)) {
        let option = self.push(Operation::Option { none: 0 });
        self.deeper(Levels::BOTH, body);
        let none = self.label();
        self.program.operations[option] = Operation::Option { none };
    }

    pub(super) fn list(&mut self, least: usize, recode: bool, empty: bool, body: impl FnOnce(&mut Self)) {
        let levels = self.levels.enter(Levels::BOTH);
        let list = self.push(Operation::List { least, end: 0, recode, empty, levels });
        let end = self.looped(body);
        self.program.operations[list] = Operation::List { least, end, recode, empty, levels };
    }

    pub(super) fn repeat(&mut self, count: u64, least: usize, body: impl FnOnce(&mut Self)) {
        if count == 0 {
            return;
        }
        let levels = self.levels;
        let repeat = self.push(Operation::Repeat { count, least, end: 0, levels });
        let end = self.looped(body);
        self.program.operations[repeat] = Operation::Repeat { count, least, end, levels };
    }

    /// Writes a part that is nested deeper.
    pub(super) fn deeper(&mut self, by: Levels, body: impl FnOnce(&mut Self)) {
        let levels = self.levels;
        self.levels = levels.enter(by);
        body(self);
        self.levels = levels;
    }

    pub(super) fn looped(&mut self, body: impl FnOnce(&mut Self)) -> At {
        let begin = self.label();
        // A loop has a frame, and levels are relative to the innermost frame.
        let levels = std::mem::take(&mut self.levels);
        body(self);
        self.levels = levels;
        self.push(Operation::Next { body: begin });
        self.label()
    }

    pub(super) fn write(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            let constant = self.constant(bytes);
            self.push(Operation::Write(constant));
        }
    }

    /// Writes a constant of the plan.
    pub(super) fn write_shared(&mut self, bytes: &Arc<[u8]>) {
        if !bytes.is_empty() {
            let constant = self.constant_shared(bytes);
            self.push(Operation::Write(constant));
        }
    }

    /// A constant of the plan. Many fields may share it; the program contains it once.
    pub(super) fn constant_shared(&mut self, bytes: &Arc<[u8]>) -> Constant {
        // The plan outlives the lowering, so the address identifies the bytes.
        let place = (bytes.as_ptr(), bytes.len());
        if let Some(constant) = self.shared_constants.get(&place) {
            return *constant;
        }
        let constant = self.constant(bytes);
        self.shared_constants.insert(place, constant);
        constant
    }

    pub(super) fn constant(&mut self, bytes: &[u8]) -> Constant {
        let place = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let start = place(self.program.constants.len());
        self.program.constants.extend_from_slice(bytes);
        Constant { start, end: place(self.program.constants.len()) }
    }
}

pub(super) fn encoded_tag(integers: IntegerEncoding, tag: u32) -> Vec<u8> {
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

pub(super) fn encoded_length(integers: IntegerEncoding, length: u64) -> Vec<u8> {
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
