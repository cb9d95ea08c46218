//! Runs a program over the bytes of one value, in either direction.

use std::cell::Cell;

use super::program::{At, Operation, Program};
use crate::wire::{DecodeError, DecodeErrorKind, Fixed, Reader};

/// The most that a value may be nested. Readers of values accept far less.
const MOST_FRAMES: usize = 1 << 20;
/// The most frames that a thread keeps for later values.
const KEPT_FRAMES: usize = 1 << 12;

/// Ends bytes and lists.
const END: u8 = 0;
/// Stands before an element of a list, and escapes the two bytes below.
const MORE: u8 = 1;

/// Positions of variants up to this one take one byte; then 2 bytes follow, or 4.
const ONE_BYTE: u32 = 0xfb;
const TWO_BYTES_FIRST: u32 = ONE_BYTE + 1;
const TWO_BYTES: u8 = 0xfc;
const FOUR_BYTES: u8 = 0xfd;

/// What is around the operation that runs.
#[derive(Debug, Clone, Copy)]
enum Frame {
    /// A routine that was called from before there.
    Call(At),
    /// A list or array of which so many elements are still to come.
    Left(u64),
    /// A list of which so many elements are read, and where its count is in the output.
    Counted { read: u64, at: usize },
}

thread_local! {
    /// Kept, so that values do not allocate them.
    static FRAMES: Cell<Vec<Frame>> = Cell::default();
}

/// The frames of one run.
struct Frames(Vec<Frame>);

impl Frames {
    fn lent() -> Self {
        let mut frames = FRAMES.take();
        frames.clear();
        Self(frames)
    }

    fn give_back(self) {
        if self.0.capacity() <= KEPT_FRAMES {
            FRAMES.set(self.0);
        }
    }

    #[inline]
    fn push(&mut self, frame: Frame, reader: &Reader<'_, Fixed>) -> Result<(), DecodeError> {
        if self.0.len() == MOST_FRAMES {
            return Err(reader.error(DecodeErrorKind::TooDeep));
        }
        self.0.push(frame);
        Ok(())
    }

    /// Leaves a routine: where it was called, or `None` at the end of the root.
    #[inline]
    fn leave(&mut self) -> Option<At> {
        match self.0.pop() {
            Some(Frame::Call(at)) => Some(at),
            _ => None,
        }
    }
}

/// From fixed bytes to ordered ones.
pub(super) struct Encoder<'a> {
    program: &'a Program,
    from: Reader<'a, Fixed>,
    to: &'a mut Vec<u8>,
    before: usize,
}

impl<'a> Encoder<'a> {
    pub(super) fn new(program: &'a Program, fixed: &'a [u8], to: &'a mut Vec<u8>) -> Self {
        let before = to.len();
        Self { program, from: Reader::new(fixed), to, before }
    }

    /// With `first`, the bytes may end before a field.
    pub(super) fn run(mut self, first: bool) -> Result<(), DecodeError> {
        let mut frames = Frames::lent();
        let outcome = self.operations(&mut frames, first).and_then(|()| self.from.finish());
        frames.give_back();
        if outcome.is_err() {
            self.to.truncate(self.before);
        }
        outcome
    }

    fn operations(&mut self, frames: &mut Frames, first: bool) -> Result<(), DecodeError> {
        let operations = &*self.program.operations;
        let mut at = 0;
        while let Some(operation) = operations.get(at) {
            at += 1;
            if first && self.from.remaining() == 0 && operation.reads() {
                return Ok(());
            }
            match *operation {
                Operation::Bytes(count) => self.to.extend_from_slice(self.from.take_slice(count)?),
                Operation::Unsigned(width) => self.integer(width, 0)?,
                Operation::Signed(width) => self.integer(width, 0x80)?,
                Operation::Char => put_char(&mut self.from, self.to)?,
                Operation::Text => {
                    let length = self.from.take_length(1)?;
                    escape(self.from.take_slice(length)?, self.to);
                }
                Operation::Option { none } => {
                    if !put_option(&mut self.from, self.to)? {
                        at = none;
                    }
                }
                Operation::Enum(number) => at = self.variant(number)?,
                Operation::List { empty } => {
                    let length = self.from.take_length(0)?;
                    if empty {
                        self.from.count_empty(length)?;
                    }
                    frames.push(Frame::Left(length as u64), &self.from)?;
                }
                Operation::Element { end } => match frames.0.last_mut() {
                    Some(Frame::Left(left)) if *left > 0 => {
                        *left -= 1;
                        self.to.push(MORE);
                    }
                    _ => {
                        frames.0.pop();
                        self.to.push(END);
                        at = end;
                    }
                },
                Operation::Array(length) => frames.push(Frame::Left(length), &self.from)?,
                Operation::Again { end } => at = again(frames, at, end),
                Operation::Jump(to) => at = to,
                Operation::Call(routine) => {
                    frames.push(Frame::Call(at), &self.from)?;
                    at = routine;
                }
                Operation::Return => match frames.leave() {
                    Some(to) => at = to,
                    None => return Ok(()),
                },
            }
        }
        Ok(())
    }

    #[inline]
    fn integer(&mut self, width: usize, sign: u8) -> Result<(), DecodeError> {
        macro_rules! reversed {
            ($width:literal) => {{
                let mut bytes = self.from.take::<$width>()?;
                bytes.reverse();
                bytes[0] ^= sign;
                self.to.extend_from_slice(&bytes);
            }};
        }
        match width {
            1 => reversed!(1),
            2 => reversed!(2),
            4 => reversed!(4),
            8 => reversed!(8),
            _ => reversed!(16),
        }
        Ok(())
    }

    /// Writes the position of a variant; returns where its fields are.
    fn variant(&mut self, number: usize) -> Result<At, DecodeError> {
        let variants = &self.program.enums[number];
        let tag = self.from.take_tag()?;
        let Some(position) = variants.position_of(tag) else {
            let reason = format!("`{}` has no variant of tag {tag}", variants.name);
            return Err(self.from.error_before(4, DecodeErrorKind::Custom(reason)));
        };
        match position {
            0..=ONE_BYTE => self.to.push(position as u8),
            TWO_BYTES_FIRST..=0xffff => {
                self.to.push(TWO_BYTES);
                self.to.extend_from_slice(&(position as u16).to_be_bytes());
            }
            _ => {
                self.to.push(FOUR_BYTES);
                self.to.extend_from_slice(&position.to_be_bytes());
            }
        }
        Ok(variants.arms[position as usize].1)
    }
}

/// From ordered bytes to fixed ones.
pub(super) struct Decoder<'a> {
    program: &'a Program,
    from: Reader<'a, Fixed>,
    to: &'a mut Vec<u8>,
    before: usize,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(program: &'a Program, ordered: &'a [u8], to: &'a mut Vec<u8>) -> Self {
        let before = to.len();
        Self { program, from: Reader::new(ordered), to, before }
    }

    pub(super) fn run(mut self) -> Result<(), DecodeError> {
        let mut frames = Frames::lent();
        let outcome = self.operations(&mut frames).and_then(|()| self.from.finish());
        frames.give_back();
        if outcome.is_err() {
            self.to.truncate(self.before);
        }
        outcome
    }

    fn operations(&mut self, frames: &mut Frames) -> Result<(), DecodeError> {
        let operations = &*self.program.operations;
        let mut at = 0;
        while let Some(operation) = operations.get(at) {
            at += 1;
            match *operation {
                Operation::Bytes(count) => self.to.extend_from_slice(self.from.take_slice(count)?),
                Operation::Unsigned(width) => self.integer(width, 0)?,
                Operation::Signed(width) => self.integer(width, 0x80)?,
                Operation::Char => put_char(&mut self.from, self.to)?,
                Operation::Text => self.text()?,
                Operation::Option { none } => {
                    if !put_option(&mut self.from, self.to)? {
                        at = none;
                    }
                }
                Operation::Enum(number) => at = self.variant(number)?,
                Operation::List { .. } => {
                    frames.push(Frame::Counted { read: 0, at: self.to.len() }, &self.from)?;
                    self.to.extend_from_slice(&[0; 8]);
                }
                Operation::Element { end } => match self.from.take::<1>()?[0] {
                    MORE => {
                        if let Some(Frame::Counted { read, .. }) = frames.0.last_mut() {
                            *read += 1;
                        }
                    }
                    END => {
                        if let Some(Frame::Counted { read, at }) = frames.0.pop() {
                            self.to[at..at + 8].copy_from_slice(&read.to_le_bytes());
                        }
                        at = end;
                    }
                    found => return Err(self.unexpected(1, "a list goes on with 1 or ends with 0", found)),
                },
                Operation::Array(length) => frames.push(Frame::Left(length), &self.from)?,
                Operation::Again { end } => at = again(frames, at, end),
                Operation::Jump(to) => at = to,
                Operation::Call(routine) => {
                    frames.push(Frame::Call(at), &self.from)?;
                    at = routine;
                }
                Operation::Return => match frames.leave() {
                    Some(to) => at = to,
                    None => return Ok(()),
                },
            }
        }
        Ok(())
    }

    #[inline]
    fn integer(&mut self, width: usize, sign: u8) -> Result<(), DecodeError> {
        macro_rules! reversed {
            ($width:literal) => {{
                let mut bytes = self.from.take::<$width>()?;
                bytes[0] ^= sign;
                bytes.reverse();
                self.to.extend_from_slice(&bytes);
            }};
        }
        match width {
            1 => reversed!(1),
            2 => reversed!(2),
            4 => reversed!(4),
            8 => reversed!(8),
            _ => reversed!(16),
        }
        Ok(())
    }

    /// Bytes up to their end.
    fn text(&mut self) -> Result<(), DecodeError> {
        let at = self.to.len();
        self.to.extend_from_slice(&[0; 8]);
        loop {
            let plain = self.from.rest().iter().position(|byte| *byte <= MORE).unwrap_or(self.from.remaining());
            self.to.extend_from_slice(self.from.take_slice(plain)?);
            if self.from.take::<1>()?[0] == END {
                break;
            }
            match self.from.take::<1>()?[0] {
                escaped @ 1..=2 => self.to.push(escaped - 1),
                found => return Err(self.unexpected(1, "a 1 is followed by 1 or 2", found)),
            }
        }
        let length = (self.to.len() - at - 8) as u64;
        self.to[at..at + 8].copy_from_slice(&length.to_le_bytes());
        Ok(())
    }

    /// Writes the tag of a variant; returns where its fields are.
    fn variant(&mut self, number: usize) -> Result<At, DecodeError> {
        let variants = &self.program.enums[number];
        let before = self.from.offset();
        let (position, least) = match self.from.take::<1>()?[0] {
            TWO_BYTES => (u16::from_be_bytes(self.from.take()?).into(), TWO_BYTES_FIRST),
            FOUR_BYTES => (u32::from_be_bytes(self.from.take()?), 0x1_0000),
            position if u32::from(position) <= ONE_BYTE => (u32::from(position), 0),
            found => return Err(self.unexpected(1, "a position of a variant begins with at most 253", found)),
        };
        match variants.arms.get(position as usize) {
            Some((tag, at)) if position >= least => {
                self.to.extend_from_slice(&tag.to_le_bytes());
                Ok(*at)
            }
            _ => {
                let reason = format!("`{}` has no variant at position {position} in this form", variants.name);
                Err(DecodeError::new(before, DecodeErrorKind::Custom(reason)))
            }
        }
    }

    #[cold]
    fn unexpected(&self, back: usize, expected: &str, found: u8) -> DecodeError {
        self.from.error_before(back, DecodeErrorKind::Custom(format!("{expected}, and {found} was found")))
    }
}

impl Operation {
    /// Whether it reads bytes of the value.
    fn reads(self) -> bool {
        match self {
            Self::Bytes(count) => count > 0,
            Self::Unsigned(_)
            | Self::Signed(_)
            | Self::Char
            | Self::Text
            | Self::Option { .. }
            | Self::Enum(_)
            | Self::List { .. } => true,
            Self::Element { .. }
            | Self::Array(_)
            | Self::Again { .. }
            | Self::Jump(_)
            | Self::Call(_)
            | Self::Return => false,
        }
    }
}

/// The next element of an array, if there is one.
#[inline]
fn again(frames: &mut Frames, at: At, end: At) -> At {
    match frames.0.last_mut() {
        Some(Frame::Left(left)) if *left > 0 => {
            *left -= 1;
            at
        }
        _ => {
            frames.0.pop();
            end
        }
    }
}

/// Writes bytes so that a shorter one comes before all that go on: 0 and 1 are escaped, and a 0 ends them.
fn escape(bytes: &[u8], to: &mut Vec<u8>) {
    to.reserve(bytes.len() + 1);
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte <= MORE) {
        to.extend_from_slice(&rest[..at]);
        to.extend_from_slice(&[MORE, rest[at] + 1]);
        rest = &rest[at + 1..];
    }
    to.extend_from_slice(rest);
    to.push(END);
}

/// Copies a character; its first byte says how long it is.
fn put_char(from: &mut Reader<'_, Fixed>, to: &mut Vec<u8>) -> Result<(), DecodeError> {
    let first = from.take::<1>()?[0];
    let more = match first {
        0..0x80 => 0,
        0x80..0xe0 => 1,
        0xe0..0xf0 => 2,
        0xf0.. => 3,
    };
    to.push(first);
    to.extend_from_slice(from.take_slice(more)?);
    Ok(())
}

/// Copies the byte of an option; says whether a value follows.
fn put_option(from: &mut Reader<'_, Fixed>, to: &mut Vec<u8>) -> Result<bool, DecodeError> {
    match from.take::<1>()?[0] {
        found @ 0..=1 => {
            to.push(found);
            Ok(found == 1)
        }
        found => Err(from.error_before(1, DecodeErrorKind::InvalidOption { found })),
    }
}
