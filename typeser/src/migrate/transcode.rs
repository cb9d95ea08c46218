//! The transcoder: runs a program over stored bytes.
//!
//! One loop over a flat program with a stack of its own: nothing recurses, whatever the bytes. Every read is
//! checked against the bytes that are there; no length from input reserves anything.

use super::convert::converter;
use super::migration::Scratch;
use super::program::{At, Constant, Operation, Program};
use crate::schema::{IntegerEncoding, Limits, Primitive};
use crate::wire::{DecodeError, DecodeErrorKind, Fixed, Integers, Output, Reader, Variable, Writer};

/// The most frames at a time: indirections, times the shapes that can stand between two of them.
const MOST_FRAMES: usize = Limits::DEPTH as usize * 128;

/// Something to come back to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Frame {
    /// A body, so many times more. `written` is how much had been written before, where that is to be looked at.
    Loop { left: u64, total: u64, written: Option<usize> },
    /// A routine.
    Return(At),
    /// A record whose fields were noted, from this place in the notes on.
    Permute { base: usize },
    /// A record whose fields are being noted.
    Note { base: usize },
    /// Noting itself: where it began, in the program and in the bytes.
    Noting { at: At, start: usize },
}

/// Appends what the program makes of `stored`. On an error `out` is as it was before.
pub(super) fn run(
    program: &Program,
    stored: &[u8],
    scratch: &mut Scratch,
    out: &mut Vec<u8>,
) -> Result<(), DecodeError> {
    let before = out.len();
    scratch.frames.clear();
    scratch.notes.clear();
    let mut transcoder = Transcoder {
        program,
        stored,
        position: 0,
        run: 0,
        out,
        frames: &mut scratch.frames,
        notes: &mut scratch.notes,
        noted: None,
    };
    let outcome = match program.from {
        IntegerEncoding::Fixed => transcoder.run::<Fixed>(),
        IntegerEncoding::Variable => transcoder.run::<Variable>(),
    };
    if outcome.is_err() {
        out.truncate(before);
    }
    outcome
}

struct Transcoder<'a> {
    program: &'a Program,
    stored: &'a [u8],
    position: usize,
    /// Where the run of kept bytes that are not copied yet begins.
    run: usize,
    out: &'a mut Vec<u8>,
    frames: &'a mut Vec<Frame>,
    notes: &'a mut Vec<(usize, usize)>,
    /// The place in the notes, while fields are carried out that were noted.
    noted: Option<usize>,
}

impl Transcoder<'_> {
    fn run<E: Integers>(&mut self) -> Result<(), DecodeError> {
        let program = self.program;
        let mut at: At = 0;
        loop {
            let Some(operation) = program.operations.get(at) else { return Ok(()) };
            at += 1;
            match *operation {
                Operation::Keep(length) => self.keep(length)?,
                Operation::KeepBytes => {
                    let length = self.length::<E>(1)?;
                    self.keep(length)?;
                }
                Operation::KeepString => {
                    let length = self.length::<E>(1)?;
                    self.keep_utf8(length)?;
                }
                Operation::KeepBool => {
                    let found = self.peek()?;
                    if found > 1 {
                        return Err(self.error(DecodeErrorKind::InvalidBool { found }));
                    }
                    self.position += 1;
                }
                Operation::KeepChar { check } => self.keep_char(check)?,
                Operation::KeepInteger(primitive) => {
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
                Operation::KeepList { size } => {
                    let length = self.length::<E>(size)?;
                    self.keep(length * size)?;
                }
                Operation::Flush => self.flush(),
                Operation::Forget => self.run = self.position,
                Operation::Write(constant) => {
                    self.flush();
                    self.write(constant);
                }
                Operation::Convert { from, to } => self.convert::<E>(from, to)?,
                Operation::RecodeBytes { utf8 } => {
                    self.flush();
                    let length = self.length::<E>(1)?;
                    self.forget_and_write_length(length as u64);
                    if utf8 { self.keep_utf8(length)? } else { self.keep(length)? }
                }
                Operation::Gather { kernel } => {
                    self.flush();
                    let kernel = &program.kernels[kernel];
                    let start = self.position;
                    self.keep(kernel.size_in)?;
                    kernel.one(&self.stored[start..self.position], self.out);
                    self.run = self.position;
                }
                Operation::GatherList { kernel } => {
                    let kernel = &program.kernels[kernel];
                    let length = self.length::<E>(kernel.size_in)?;
                    self.flush();
                    let start = self.position;
                    self.keep(length * kernel.size_in)?;
                    kernel.many(&self.stored[start..self.position], self.out);
                    self.run = self.position;
                }
                Operation::Option { none } => {
                    let found = self.peek()?;
                    if found > 1 {
                        return Err(self.error(DecodeErrorKind::InvalidOption { found }));
                    }
                    self.position += 1;
                    if found == 0 {
                        at = none;
                    }
                }
                Operation::Tag { table } => {
                    let start = self.position;
                    let tag = self.read::<E, _>(|reader| reader.take_tag())?;
                    let Some(arm) = program.tags[table].arm(tag) else {
                        return Err(DecodeError::new(start, DecodeErrorKind::UnknownStoredTag { tag }));
                    };
                    if let Some(write) = arm.write {
                        self.out.extend_from_slice(&self.stored[self.run..start]);
                        self.write(write);
                        self.run = self.position;
                    }
                    at = arm.at;
                }
                Operation::List { least, end, recode, empty } => {
                    if recode {
                        self.flush();
                    }
                    let length = self.length::<E>(least)? as u64;
                    if recode {
                        self.forget_and_write_length(length);
                    }
                    at = self.begin_loop(length, empty, at, end)?;
                }
                Operation::Repeat { count, end } => {
                    let remaining = (self.stored.len() - self.position) as u64;
                    if count > remaining + Limits::EMPTY_ELEMENTS {
                        return Err(self.too_large(count, 0));
                    }
                    at = self.begin_loop(count, false, at, end)?;
                }
                Operation::Next { body } => at = self.next(at, body)?,
                Operation::Jump(to) => at = to,
                Operation::Call(routine) => {
                    self.push(Frame::Return(at))?;
                    at = routine;
                }
                Operation::Return => match self.frames.pop() {
                    Some(Frame::Return(back)) => at = back,
                    Some(Frame::Noting { at: back, start }) => {
                        self.position = start;
                        self.push(Frame::Permute { base: 0 })?;
                        at = back;
                    }
                    _ => return Ok(()),
                },
                Operation::Permute { note } => at = self.permute(at, note)?,
                Operation::Seek(field) => {
                    if let Some(Frame::Permute { base }) = self.frames.last() {
                        let (position, cursor) = self.notes[base + 1 + field];
                        self.go(position, cursor);
                    }
                }
                Operation::EndPermute => self.end_permute(),
                Operation::Note { fields } => {
                    let base = self.notes.len();
                    self.notes.resize(base + fields + 1, (0, 0));
                    self.push(Frame::Note { base })?;
                }
                Operation::NoteField(field) => {
                    if let Some(Frame::Note { base }) = self.frames.last() {
                        self.notes[base + 1 + field] = (self.position, self.notes.len());
                    }
                }
                Operation::EndNote => {
                    if let Some(Frame::Note { base }) = self.frames.pop() {
                        self.notes[base] = (self.position, self.notes.len());
                    }
                }
                Operation::End => {
                    self.flush();
                    let count = self.stored.len() - self.position;
                    return match count {
                        0 => Ok(()),
                        count => Err(self.error(DecodeErrorKind::TrailingBytes { count })),
                    };
                }
            }
        }
    }
}

impl Transcoder<'_> {
    /// Moves past so many bytes.
    #[inline(always)]
    fn keep(&mut self, length: usize) -> Result<(), DecodeError> {
        let remaining = self.stored.len() - self.position;
        if length > remaining {
            return Err(self.error(DecodeErrorKind::UnexpectedEnd { needed: length, remaining }));
        }
        self.position += length;
        Ok(())
    }

    fn keep_utf8(&mut self, length: usize) -> Result<(), DecodeError> {
        let start = self.position;
        self.keep(length)?;
        match std::str::from_utf8(&self.stored[start..self.position]) {
            Ok(_) => Ok(()),
            Err(_) => Err(DecodeError::new(start, DecodeErrorKind::InvalidUtf8 { length })),
        }
    }

    /// Moves past a character: its first byte says how long it is.
    fn keep_char(&mut self, check: bool) -> Result<(), DecodeError> {
        let start = self.position;
        let length = match self.peek()? {
            0..0x80 => 1,
            0xC0..0xE0 => 2,
            0xE0..0xF0 => 3,
            0xF0.. => 4,
            0x80..0xC0 => return Err(self.error(DecodeErrorKind::InvalidChar)),
        };
        self.keep(length)?;
        if check && std::str::from_utf8(&self.stored[start..self.position]).is_err() {
            return Err(DecodeError::new(start, DecodeErrorKind::InvalidChar));
        }
        Ok(())
    }

    #[inline(always)]
    fn peek(&self) -> Result<u8, DecodeError> {
        match self.stored.get(self.position) {
            Some(byte) => Ok(*byte),
            None => Err(self.error(DecodeErrorKind::UnexpectedEnd { needed: 1, remaining: 0 })),
        }
    }

    /// Reads by the rules of the wire, and moves past what was read.
    #[inline(always)]
    fn read<E: Integers, T>(
        &mut self,
        read: impl FnOnce(&mut Reader<'_, E>) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        let mut reader = Reader::<E>::new(&self.stored[self.position..]);
        match read(&mut reader) {
            Ok(value) => {
                self.position += reader.offset();
                Ok(value)
            }
            Err(error) => Err(DecodeError::new(self.position + error.offset(), error.kind().clone())),
        }
    }

    #[inline(always)]
    fn length<E: Integers>(&mut self, least: usize) -> Result<usize, DecodeError> {
        self.read::<E, _>(|reader| reader.take_length(least))
    }

    /// Copies the run.
    #[inline(always)]
    fn flush(&mut self) {
        self.out.extend_from_slice(&self.stored[self.run..self.position]);
        self.run = self.position;
    }

    #[inline(always)]
    fn write(&mut self, constant: Constant) {
        let bytes = &self.program.constants[constant.start as usize..constant.end as usize];
        self.out.extend_from_slice(bytes);
    }

    /// Writes the length that was just read, in the new encoding instead of the stored one.
    fn forget_and_write_length(&mut self, length: u64) {
        self.run = self.position;
        match self.program.to {
            IntegerEncoding::Fixed => self.out.extend_from_slice(&length.to_le_bytes()),
            IntegerEncoding::Variable => {
                let mut output = Output::<Variable>::new(std::mem::take(self.out));
                output.put_u64(length);
                *self.out = output.into_bytes();
            }
        }
    }

    fn convert<E: Integers>(&mut self, from: Primitive, to: Primitive) -> Result<(), DecodeError> {
        self.flush();
        let start = self.position;
        match from {
            Primitive::Char => {
                self.keep_char(true)?;
                let length = (self.position - start) as u64;
                let bytes = &self.stored[start..self.position];
                self.run = self.position;
                self.forget_and_write_length(length);
                self.out.extend_from_slice(bytes);
            }
            Primitive::F32 | Primitive::F64 => {
                let width = from.width().unwrap_or(0);
                self.keep(width)?;
                self.widen(from, to, start);
            }
            integer_type => {
                let value = self.read::<E, _>(|reader| integer(reader, integer_type))?;
                self.run = self.position;
                let fixed = value.to_le_bytes();
                if to.is_float() {
                    self.widen_bytes(from, to, fixed);
                } else if self.program.to == IntegerEncoding::Fixed {
                    self.out.extend_from_slice(&fixed[..to.width().unwrap_or(0)]);
                } else {
                    self.write_variable(value, to);
                }
            }
        }
        self.run = self.position;
        Ok(())
    }

    fn widen(&mut self, from: Primitive, to: Primitive, start: usize) {
        let mut fixed = [0; 16];
        let stored = &self.stored[start..self.position];
        fixed[..stored.len()].copy_from_slice(stored);
        self.widen_bytes(from, to, fixed);
    }

    fn widen_bytes(&mut self, from: Primitive, to: Primitive, stored: [u8; 16]) {
        let mut wide = [0; 16];
        let (narrow, width) = (from.width().unwrap_or(0), to.width().unwrap_or(0));
        match converter(from, to) {
            Some(convert) => convert(&stored[..narrow], &mut wide[..width]),
            None => wide = stored,
        }
        self.out.extend_from_slice(&wide[..width]);
    }

    fn write_variable(&mut self, value: i128, to: Primitive) {
        let mut output = Output::<Variable>::new(std::mem::take(self.out));
        match to {
            Primitive::U8 | Primitive::I8 => output.put([value.to_le_bytes()[0]]),
            to if to.is_signed() => output.put_i128(value),
            _ => output.put_u128(value.cast_unsigned()),
        }
        *self.out = output.into_bytes();
    }

    /// Begins a body, or goes behind it if there is nothing to do.
    #[inline(always)]
    fn begin_loop(&mut self, count: u64, look: bool, body: At, end: At) -> Result<At, DecodeError> {
        if count == 0 {
            return Ok(end);
        }
        let written = look.then(|| self.written());
        self.push(Frame::Loop { left: count, total: count, written })?;
        Ok(body)
    }

    #[inline(always)]
    fn next(&mut self, behind: At, body: At) -> Result<At, DecodeError> {
        if let Some(Frame::Loop { left, total, written }) = self.frames.last_mut() {
            *left -= 1;
            if *left > 0 {
                return Ok(body);
            }
            let (total, written) = (*total, *written);
            self.frames.pop();
            if let Some(before) = written {
                self.check_empty(total, before)?;
            }
        }
        Ok(behind)
    }

    /// Refuses a list that no reader would believe: many elements that take no bytes any more.
    fn check_empty(&self, total: u64, before: usize) -> Result<(), DecodeError> {
        let bytes = (self.written() - before) as u64;
        if total <= bytes + Limits::EMPTY_ELEMENTS { Ok(()) } else { Err(self.too_large(total, 0)) }
    }

    /// How much is written, counted with the run.
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

    /// Begins a record whose fields stand in another order. The outermost one has all places below it noted first, in
    /// one pass, so that records inside records cost no further passes.
    fn permute(&mut self, behind: At, note: At) -> Result<At, DecodeError> {
        self.flush();
        if let Some(base) = self.noted {
            self.push(Frame::Permute { base })?;
            return Ok(behind);
        }
        self.notes.clear();
        self.push(Frame::Noting { at: behind, start: self.position })?;
        Ok(note)
    }

    fn go(&mut self, position: usize, cursor: usize) {
        self.flush();
        self.position = position;
        self.run = position;
        self.noted = Some(cursor);
    }

    fn end_permute(&mut self) {
        if let Some(Frame::Permute { base }) = self.frames.pop() {
            let (position, cursor) = self.notes[base];
            self.go(position, cursor);
            if base == 0 {
                self.noted = None;
            }
        }
    }

    #[cold]
    fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError::new(self.position, kind)
    }

    #[cold]
    fn too_large(&self, length: u64, element: usize) -> DecodeError {
        let remaining = self.stored.len() - self.position;
        self.error(DecodeErrorKind::LengthTooLarge { length, element, remaining })
    }
}

/// Reads an integer as the bits that it has in 128, signed ones extended.
fn integer<E: Integers>(from: &mut Reader<'_, E>, primitive: Primitive) -> Result<i128, DecodeError> {
    Ok(match primitive {
        Primitive::U8 => i128::from(from.take::<1>()?[0]),
        Primitive::I8 => i128::from(i8::from_le_bytes(from.take()?)),
        Primitive::U16 => i128::from(from.take_u16()?),
        Primitive::U32 => i128::from(from.take_u32()?),
        Primitive::U64 => i128::from(from.take_u64()?),
        Primitive::U128 => from.take_u128()?.cast_signed(),
        Primitive::I16 => i128::from(from.take_i16()?),
        Primitive::I32 => i128::from(from.take_i32()?),
        Primitive::I64 => i128::from(from.take_i64()?),
        _ => from.take_i128()?,
    })
}
