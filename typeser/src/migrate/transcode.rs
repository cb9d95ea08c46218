//! The transcoder: runs a program over stored bytes.
//!
//! One loop over a flat program with an explicit stack: nothing recurses, whatever the bytes. Every read is checked
//! against the remaining bytes, and no memory is reserved for a length from the input.

use super::constant::Constant;
use super::distinct::{DistinctPart, equal_parts, sort_entries};
use super::functions::{Functions, Part, RemainingLimits};
use super::operation::{At, KeptText, Levels, Operation, TagTable};
use super::program::Program;
use super::scratch::{Frame, Scratch};
use super::stored::{check_utf8, ends, integer, length, past, past_counted, shift, stray};
use crate::schema::{IntegerEncoding, Limits};
use crate::wire::{self, DecodeError, DecodeErrorKind, Fixed, Integers, Reader, Variable};

/// The most frames at a time. Recursion is bounded by the depth of values; this bounds chains of routines between.
const MOST_FRAMES: usize = 1 << 20;

/// Appends the result of the program for `stored`. After an error, `out` is as it was before.
#[inline]
pub(super) fn run(
    program: &Program,
    functions: &dyn Functions,
    stored: &[u8],
    scratch: &mut Scratch,
    out: &mut Vec<u8>,
) -> Result<(), DecodeError> {
    run_with(program, functions, KeptText::Checked, stored, scratch, out)
}

/// The same, with less checked.
#[inline(always)]
pub(super) fn run_with(
    program: &Program,
    functions: &dyn Functions,
    kept_text: KeptText,
    stored: &[u8],
    scratch: &mut Scratch,
    out: &mut Vec<u8>,
) -> Result<(), DecodeError> {
    let before = out.len();
    // Most written bytes are stored bytes. The spare room lets short pieces be copied without a check of their length.
    out.reserve(stored.len() + wire::SPARE);
    let outcome = match (&program.splices, program.from) {
        (Some(splices), IntegerEncoding::Fixed) => splices.run::<Fixed>(program.bytes(), kept_text, stored, out),
        (Some(splices), IntegerEncoding::Variable) => splices.run::<Variable>(program.bytes(), kept_text, stored, out),
        (None, _) => run_any(program, functions, kept_text, stored, scratch, out),
    };
    if outcome.is_err() {
        out.truncate(before);
    }
    outcome
}

#[inline(never)]
fn run_any(
    program: &Program,
    functions: &dyn Functions,
    kept_text: KeptText,
    stored: &[u8],
    scratch: &mut Scratch,
    out: &mut Vec<u8>,
) -> Result<(), DecodeError> {
    scratch.frames.clear();
    scratch.notes.clear();
    scratch.distinct.clear();
    let mut transcoder = Transcoder {
        program,
        functions,
        kept_text,
        stored,
        position: 0,
        run: 0,
        out,
        frames: &mut scratch.frames,
        notes: &mut scratch.notes,
        distinct: &mut scratch.distinct,
        noted: None,
        depth: Levels::default(),
        // Bytes that are noted first are walked twice.
        empty_stored: 2 * Limits::EMPTY_ELEMENTS,
        empty_written: Limits::EMPTY_ELEMENTS,
    };
    match program.from {
        IntegerEncoding::Fixed => transcoder.run::<Fixed>(),
        IntegerEncoding::Variable => transcoder.run::<Variable>(),
    }
}

/// A run of a program.
pub(super) struct Transcoder<'a> {
    pub(super) program: &'a Program,
    functions: &'a dyn Functions,
    kept_text: KeptText,
    pub(super) stored: &'a [u8],
    pub(super) position: usize,
    /// Where the run begins: unchanged bytes that are not copied yet.
    pub(super) run: usize,
    pub(super) out: &'a mut Vec<u8>,
    frames: &'a mut Vec<Frame>,
    notes: &'a mut Vec<(usize, usize)>,
    distinct: &'a mut Vec<DistinctPart>,
    /// The index in the notes, while noted fields are being moved.
    noted: Option<usize>,
    /// The nesting depth of the innermost frame.
    depth: Levels,
    /// How many elements without bytes may still come, and how many may still be written.
    empty_stored: u64,
    empty_written: u64,
}

impl Transcoder<'_> {
    /// The main loop, with the most frequent operations.
    ///
    /// The position is a local variable here, so that it stays in a register: through memory, each operation would wait
    /// for the previous one. The other operations read it from `self` and store it there.
    fn run<E: Integers>(&mut self) -> Result<(), DecodeError> {
        let (program, stored) = (self.program, self.stored);
        let (mut at, mut position, mut run): (At, usize, usize) = (0, 0, 0);
        loop {
            let Some(operation) = program.operations.get(at) else { return Err(stray(position)) };
            at += 1;
            match *operation {
                Operation::Skip(length) => position = past(stored, position, length)?,
                Operation::SkipCounted { gaps, text, after } => {
                    let is_checked = text.is_checked(self.kept_text);
                    position = past_counted::<E>(stored, position, (&program.gaps, gaps), is_checked)?;
                    position = past(stored, position, after as usize)?;
                }
                Operation::SkipList { size } => {
                    let (start, length) = length::<E>(stored, position, size)?;
                    position = start + length * size;
                }
                Operation::Flush => {
                    wire::extend(self.out, stored, run..position);
                    run = position;
                }
                Operation::Discard => run = position,
                Operation::Drop(length) => {
                    wire::extend(self.out, stored, run..position);
                    position = past(stored, position, length)?;
                    run = position;
                }
                Operation::DropCounted { gaps, text, after } => {
                    wire::extend(self.out, stored, run..position);
                    let is_checked = text.is_checked(self.kept_text);
                    position = past_counted::<E>(stored, position, (&program.gaps, gaps), is_checked)?;
                    position = past(stored, position, after as usize)?;
                    run = position;
                }
                Operation::Write(constant) => {
                    wire::extend(self.out, stored, run..position);
                    run = position;
                    self.write(constant);
                }
                Operation::CopyTable { kernel } => {
                    wire::extend(self.out, stored, run..position);
                    let kernel = &program.kernels[kernel];
                    let end = past(stored, position, kernel.size_in)?;
                    kernel.one(&stored[position..end], self.out);
                    (position, run) = (end, end);
                }
                Operation::Permute { permutation } => {
                    wire::extend(self.out, stored, run..position);
                    position =
                        program.permutations[permutation].run::<E>(stored, position, &program.constants, self.out)?;
                    run = position;
                }
                Operation::Option { none } => match stored.get(position) {
                    Some(0) => {
                        position += 1;
                        at = none;
                    }
                    Some(1) => position += 1,
                    Some(found) => {
                        return Err(DecodeError::new(position, DecodeErrorKind::InvalidOption { found: *found }));
                    }
                    None => return Err(ends(stored, position, 1)),
                },
                Operation::Tag { table } => {
                    let mut reader = Reader::<E>::new(&stored[position..]);
                    let tag = reader.take_tag().map_err(|error| shift(&error, position))?;
                    let Some(arm) = program.tags[table].arm(tag) else {
                        return Err(unknown_tag(&program.tags[table], tag, position));
                    };
                    let behind = position + reader.offset();
                    if let Some(write) = arm.write {
                        wire::extend(self.out, stored, run..position);
                        self.write(write);
                        run = behind;
                    }
                    position = behind;
                    at = arm.at;
                }
                Operation::Jump(to) => at = to,
                Operation::Next { body } => match self.frames.last_mut() {
                    Some(Frame::Loop { left: left @ 2.., .. }) => {
                        *left -= 1;
                        at = body;
                    }
                    _ => {
                        (self.position, self.run) = (position, run);
                        at = self.next(at, body)?;
                    }
                },
                Operation::NoteField(field) => {
                    if let Some(Frame::Note { base }) = self.frames.last() {
                        self.notes[base + 1 + field] = (position, self.notes.len());
                    }
                }
                Operation::EndNote => {
                    if let Some(Frame::Note { base }) = self.frames.pop() {
                        self.notes[base] = (position, self.notes.len());
                    }
                }
                Operation::Seek(field) => {
                    if let Some(Frame::Permuted { base }) = self.frames.last() {
                        let (there, cursor) = self.notes[base + 1 + field];
                        wire::extend(self.out, stored, run..position);
                        (position, run) = (there, there);
                        self.noted = Some(cursor);
                    }
                }
                Operation::LeavePermuted => {
                    if let Some(Frame::Permuted { base }) = self.frames.pop() {
                        let (behind, cursor) = self.notes[base];
                        wire::extend(self.out, stored, run..position);
                        (position, run) = (behind, behind);
                        self.noted = (base > 0).then_some(cursor);
                    }
                }
                Operation::End => {
                    wire::extend(self.out, stored, run..position);
                    let count = stored.len() - position;
                    return match count {
                        0 => Ok(()),
                        count => Err(DecodeError::new(position, DecodeErrorKind::TrailingBytes { count })),
                    };
                }
                other => {
                    (self.position, self.run) = (position, run);
                    at = self.other::<E>(other, at)?;
                    (position, run) = (self.position, self.run);
                }
            }
        }
    }

    /// The operations that are rarer or do more. Returns where to continue.
    #[inline(never)]
    fn other<E: Integers>(&mut self, operation: Operation, mut at: At) -> Result<At, DecodeError> {
        let program = self.program;
        match operation {
            Operation::SkipBool => {
                let found = self.peek()?;
                if found > 1 {
                    return Err(self.error(DecodeErrorKind::InvalidBool { found }));
                }
                self.position += 1;
            }
            Operation::SkipChar { check } => self.skip_char(check)?,
            Operation::SkipInteger(primitive) => {
                self.read::<E, _>(|reader| integer(reader, primitive))?;
            }
            Operation::CheckNonZero(primitive) => {
                let start = self.position;
                let value = self.read::<E, _>(|reader| integer(reader, primitive))?;
                self.position = start;
                if value == 0 {
                    return Err(self.error(DecodeErrorKind::Zero));
                }
            }
            Operation::CheckNanoseconds => {
                let start = self.position;
                let found = self.read::<E, _>(|reader| reader.take_u32())?;
                self.position = start;
                if found >= 1_000_000_000 {
                    return Err(self.error(DecodeErrorKind::InvalidNanoseconds { found }));
                }
            }
            Operation::Convert { from, to } => self.convert::<E>(from, to)?,
            Operation::RecodeBytes { utf8 } => {
                self.flush();
                let length = self.length::<E>(1)?;
                self.discard_and_write_length(length as u64);
                if utf8 { self.skip_utf8(length)? } else { self.skip(length)? }
            }
            Operation::CopyTableList { kernel } => {
                let kernel = &program.kernels[kernel];
                let length = self.length::<E>(kernel.size_in)?;
                self.flush();
                let start = self.position;
                self.skip(length * kernel.size_in)?;
                kernel.many(&self.stored[start..self.position], self.out);
                self.run = self.position;
            }
            Operation::Functions { index, levels } => {
                let part = Part { start: self.run, stored: &self.stored[self.run..self.position] };
                let limits =
                    RemainingLimits { depth: self.depth.enter(levels).written.into(), empty: self.empty_written };
                self.empty_written = self.functions.call(index, part, limits, self.out)?;
                self.run = self.position;
            }
            Operation::EnterDistinct => self.push(Frame::Distinct { base: self.distinct.len() })?,
            Operation::BeginDistinct => self.distinct.push(DistinctPart::begin(self.position, self.written())),
            Operation::EndDistinct => {
                let (stored, written) = (self.position, self.written());
                if let Some(part) = self.distinct.last_mut() {
                    part.end(stored, written);
                }
            }
            Operation::LeaveDistinct { index } => self.leave_distinct(index)?,
            Operation::List { least, end, recode, empty, levels } => {
                if recode {
                    self.flush();
                }
                let length = self.length::<E>(least)? as u64;
                if recode {
                    self.discard_and_write_length(length);
                }
                if length == 0 {
                    return Ok(end);
                }
                self.enter(levels)?;
                self.push(match (least, empty) {
                    (1.., false) => Frame::Loop { left: length, levels },
                    _ => Frame::CountedLoop {
                        left: length,
                        levels,
                        stored: (least == 0).then_some(self.position),
                        written: empty.then(|| self.written()),
                    },
                })?;
            }
            Operation::Repeat { count, least, end, levels } => {
                let remaining = (self.stored.len() - self.position) as u64;
                if least == 0 && count > remaining + Limits::EMPTY_ELEMENTS {
                    return Err(self.error(DecodeErrorKind::LengthTooLarge {
                        length: count,
                        element: 0,
                        remaining: self.stored.len() - self.position,
                    }));
                }
                if count == 0 {
                    return Ok(end);
                }
                self.enter(levels)?;
                self.push(Frame::Loop { left: count, levels })?;
            }
            Operation::Call { routine, levels } => {
                self.enter(levels)?;
                self.push(Frame::Return { at, levels })?;
                at = routine;
            }
            Operation::Return => match self.frames.pop() {
                Some(Frame::Return { at: back, levels }) => {
                    self.depth = self.depth.leave(levels);
                    at = back;
                }
                Some(Frame::Noting { at: back, start }) => {
                    self.position = start;
                    self.push(Frame::Permuted { base: 0 })?;
                    at = back;
                }
                _ => at = program.operations.len(),
            },
            Operation::EnterPermuted { note } => at = self.permute(at, note)?,
            Operation::Note { fields } => {
                let base = self.notes.len();
                self.notes.resize(base + fields + 1, (0, 0));
                self.push(Frame::Note { base })?;
            }
            // The loop above performs these.
            Operation::Skip(_)
            | Operation::SkipCounted { .. }
            | Operation::SkipList { .. }
            | Operation::Flush
            | Operation::Discard
            | Operation::Drop(_)
            | Operation::DropCounted { .. }
            | Operation::Write(_)
            | Operation::CopyTable { .. }
            | Operation::Permute { .. }
            | Operation::Option { .. }
            | Operation::Tag { .. }
            | Operation::Jump(_)
            | Operation::Next { .. }
            | Operation::Seek(_)
            | Operation::LeavePermuted
            | Operation::NoteField(_)
            | Operation::EndNote
            | Operation::End => {}
        }
        Ok(at)
    }
}

/// The error on a tag without an arm.
#[cold]
fn unknown_tag(table: &TagTable, tag: u32, position: usize) -> DecodeError {
    let kind = match table.refused.contains(&tag) {
        true => DecodeErrorKind::VariantOfNewerRelease { tag },
        false => DecodeErrorKind::UnknownStoredTag { tag },
    };
    DecodeError::new(position, kind)
}

impl Transcoder<'_> {
    /// Moves past this many bytes.
    #[inline(always)]
    pub(super) fn skip(&mut self, length: usize) -> Result<(), DecodeError> {
        self.position = past(self.stored, self.position, length)?;
        Ok(())
    }

    fn skip_utf8(&mut self, length: usize) -> Result<(), DecodeError> {
        let start = self.position;
        self.skip(length)?;
        check_utf8(self.stored, start, self.position)
    }

    /// Moves past a character, whose first byte determines its length.
    pub(super) fn skip_char(&mut self, check: bool) -> Result<(), DecodeError> {
        let start = self.position;
        let length = match self.peek()? {
            0..0x80 => 1,
            0xC0..0xE0 => 2,
            0xE0..0xF0 => 3,
            0xF0.. => 4,
            0x80..0xC0 => return Err(self.error(DecodeErrorKind::InvalidChar)),
        };
        self.skip(length)?;
        if check && std::str::from_utf8(&self.stored[start..self.position]).is_err() {
            return Err(DecodeError::new(start, DecodeErrorKind::InvalidChar));
        }
        Ok(())
    }

    #[inline(always)]
    fn peek(&self) -> Result<u8, DecodeError> {
        match self.stored.get(self.position) {
            Some(byte) => Ok(*byte),
            None => Err(ends(self.stored, self.position, 1)),
        }
    }

    /// Reads through a reader, and moves past the bytes read.
    #[inline(always)]
    pub(super) fn read<E: Integers, T>(
        &mut self,
        read: impl FnOnce(&mut Reader<'_, E>) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        let mut reader = Reader::<E>::new(&self.stored[self.position..]);
        match read(&mut reader) {
            Ok(value) => {
                self.position += reader.offset();
                Ok(value)
            }
            Err(error) => Err(shift(&error, self.position)),
        }
    }

    #[inline(always)]
    fn length<E: Integers>(&mut self, least: usize) -> Result<usize, DecodeError> {
        self.read::<E, _>(|reader| reader.take_length(least))
    }

    /// Copies the run.
    #[inline(always)]
    pub(super) fn flush(&mut self) {
        wire::extend(self.out, self.stored, self.run..self.position);
        self.run = self.position;
    }

    #[inline(always)]
    fn write(&mut self, constant: Constant) {
        wire::extend(self.out, &self.program.constants, constant.start as usize..constant.end as usize);
    }

    /// Enters these levels.
    #[inline(always)]
    fn enter(&mut self, levels: Levels) -> Result<(), DecodeError> {
        self.depth = self.depth.enter(levels);
        if self.depth.are_too_many() {
            return Err(self.error(DecodeErrorKind::TooDeep));
        }
        Ok(())
    }

    /// Ends an iteration that was the last one, or whose elements may take no bytes. Returns where to continue.
    fn next(&mut self, behind: At, body: At) -> Result<At, DecodeError> {
        let now = self.written();
        match self.frames.last_mut() {
            Some(Frame::CountedLoop { left, levels, stored, written }) => {
                let stored_empty = stored.is_some_and(|began| began == self.position);
                let written_empty = written.is_some_and(|began| began == now);
                let (stored_left, stored_over) = self.empty_stored.overflowing_sub(u64::from(stored_empty));
                let (written_left, written_over) = self.empty_written.overflowing_sub(u64::from(written_empty));
                if stored_over || written_over {
                    return Err(self.error(DecodeErrorKind::TooManyEmptyElements));
                }
                (self.empty_stored, self.empty_written) = (stored_left, written_left);
                (*stored, *written) = (stored.map(|_| self.position), written.map(|_| now));
                *left -= 1;
                if *left > 0 {
                    return Ok(body);
                }
                self.depth = self.depth.leave(*levels);
            }
            Some(Frame::Loop { levels, .. }) => self.depth = self.depth.leave(*levels),
            _ => return Err(stray(self.position)),
        }
        self.frames.pop();
        Ok(behind)
    }

    /// Ends a set or map whose elements or keys functions make.
    fn leave_distinct(&mut self, index: usize) -> Result<(), DecodeError> {
        let Some(Frame::Distinct { base }) = self.frames.pop() else { return Err(stray(self.position)) };
        self.flush();
        let step = &self.program.distinct[index];
        if let Some(parts) = equal_parts(&mut self.distinct[base..], self.out) {
            return Err(self.functions.equal(step, parts));
        }
        if step.sort {
            sort_entries(&self.distinct[base..], self.out);
        }
        self.distinct.truncate(base);
        Ok(())
    }

    /// How many bytes are written, including the run.
    fn written(&self) -> usize {
        self.out.len() + (self.position - self.run)
    }

    #[inline(always)]
    fn push(&mut self, frame: Frame) -> Result<(), DecodeError> {
        if self.frames.len() >= MOST_FRAMES {
            return Err(self.error(DecodeErrorKind::TooDeep));
        }
        self.frames.push(frame);
        Ok(())
    }

    /// Begins a record whose fields are in another order. For the outermost one, all field offsets inside it are noted
    /// first, in one pass, so that nested records cost no further passes.
    fn permute(&mut self, behind: At, note: At) -> Result<At, DecodeError> {
        self.flush();
        if let Some(base) = self.noted {
            self.push(Frame::Permuted { base })?;
            return Ok(behind);
        }
        self.notes.clear();
        self.push(Frame::Noting { at: behind, start: self.position })?;
        Ok(note)
    }

    #[cold]
    fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError::new(self.position, kind)
    }
}
