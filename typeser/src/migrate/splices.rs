//! Programs that only drop, write and rearrange between unchanged bytes, as a list of cuts.
//!
//! A value alone takes few operations, so that starting the transcoder would be most of the work, and choosing the next
//! operation most of the rest. Here nothing is chosen: each cut does the same in the same order.

use super::constant::Constant;
use super::kernel::Kernel;
use super::program::{Operation, Program, Text};
use super::stored::{check_utf8, ends, length};
use super::transcode::KeptText;
use crate::schema::IntegerEncoding;
use crate::wire::{self, DecodeError, DecodeErrorKind, Integers};

/// A whole program.
#[derive(Debug, Clone, Default)]
pub(super) struct Splices {
    /// How many bytes stand before each length, in the order in which they are read.
    gaps: Vec<u32>,
    cuts: Vec<Cut>,
}

/// Bytes that are kept, then bytes that are dropped, then new ones.
#[derive(Debug, Clone, Copy)]
struct Cut {
    kept: Walk,
    dropped: Walk,
    constant: Constant,
    /// The kernel that rearranges a record behind them; [`NONE`] if there is none.
    kernel: u32,
}

/// Counted bytes with the bytes before each, and the bytes after all of them.
#[derive(Debug, Clone, Copy)]
struct Walk {
    counted: u32,
    after: u32,
    text: Text,
}

const NONE: u32 = u32::MAX;

impl Splices {
    /// The splices of a program; `None` if it has other operations, or so long a piece that it has no place here.
    pub(super) fn of(program: &Program) -> Option<Self> {
        let mut splices = Self::default();
        let mut cut = Cut::NOTHING;
        let mut operations = program.operations.iter();
        loop {
            match *operations.next()? {
                Operation::Skip(length) => splices.keep(&mut cut, (&[], Text::Unchecked, length))?,
                Operation::SkipCounted { gaps, text, after } => {
                    splices.keep(&mut cut, (program.gaps(gaps), text, after as usize))?;
                }
                Operation::Drop(length) => splices.drop(&mut cut, (&[], Text::Unchecked, length))?,
                Operation::DropCounted { gaps, text, after } => {
                    splices.drop(&mut cut, (program.gaps(gaps), text, after as usize))?;
                }
                // Several operations are dropped between these two.
                Operation::Flush => loop {
                    match *operations.next()? {
                        Operation::Skip(length) => splices.drop(&mut cut, (&[], Text::Unchecked, length))?,
                        Operation::SkipCounted { gaps, text, after } => {
                            splices.drop(&mut cut, (program.gaps(gaps), text, after as usize))?;
                        }
                        Operation::Discard => break,
                        _ => return None,
                    }
                },
                Operation::Write(constant) => {
                    if cut.writes() {
                        splices.finish(&mut cut);
                    }
                    cut.constant = constant;
                }
                Operation::CopyTable { kernel } => {
                    if cut.kernel != NONE {
                        splices.finish(&mut cut);
                    }
                    cut.kernel = u32::try_from(kernel).ok().filter(|kernel| *kernel != NONE)?;
                }
                Operation::End => {
                    splices.finish(&mut cut);
                    return Some(splices);
                }
                _ => return None,
            }
        }
    }

    fn keep(&mut self, cut: &mut Cut, skipped: Skipped<'_>) -> Option<()> {
        if cut.writes() || !cut.dropped.is_empty() || !cut.kept.takes(skipped) {
            self.finish(cut);
        }
        cut.kept.extend(skipped, &mut self.gaps)
    }

    fn drop(&mut self, cut: &mut Cut, skipped: Skipped<'_>) -> Option<()> {
        if cut.writes() || !cut.dropped.takes(skipped) {
            self.finish(cut);
        }
        cut.dropped.extend(skipped, &mut self.gaps)
    }

    fn finish(&mut self, cut: &mut Cut) {
        self.cuts.push(std::mem::replace(cut, Cut::NOTHING));
    }

    /// Appends the result, as the transcoder would for the program.
    #[inline(never)]
    pub(super) fn run<E: Integers>(
        &self,
        program: &Program,
        kept_text: KeptText,
        stored: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), DecodeError> {
        let mut gaps = self.gaps.iter();
        // What is not walked yet.
        let mut rest = stored;
        for cut in &self.cuts {
            let run = rest;
            rest = cut.kept.run::<E>(kept_text, stored, rest, &mut gaps)?;
            wire::extend(out, run, 0..run.len() - rest.len());
            rest = cut.dropped.run::<E>(kept_text, stored, rest, &mut gaps)?;
            if cut.constant.start < cut.constant.end {
                let Constant { start, end } = cut.constant;
                wire::extend(out, &program.constants, start as usize..end as usize);
            }
            if cut.kernel != NONE {
                rest = rearrange(&program.kernels[cut.kernel as usize], stored, rest, out)?;
            }
        }
        match rest.len() {
            0 => Ok(()),
            count => Err(DecodeError::new(stored.len() - count, DecodeErrorKind::TrailingBytes { count })),
        }
    }
}

impl Cut {
    const NOTHING: Self =
        Self { kept: Walk::NOTHING, dropped: Walk::NOTHING, constant: Constant { start: 0, end: 0 }, kernel: NONE };

    fn writes(&self) -> bool {
        self.constant.start < self.constant.end || self.kernel != NONE
    }
}

/// The gaps before counted bytes, whether these are text, and how many bytes are after them.
type Skipped<'a> = (&'a [u32], Text, usize);

impl Walk {
    const NOTHING: Self = Self { counted: 0, after: 0, text: Text::Unchecked };

    fn is_empty(&self) -> bool {
        self.counted == 0 && self.after == 0
    }

    /// Whether it can go on with these bytes.
    fn takes(&self, (gaps, text, _): Skipped<'_>) -> bool {
        gaps.is_empty() || self.counted == 0 || self.text == text
    }

    fn extend(&mut self, (before, text, after): Skipped<'_>, gaps: &mut Vec<u32>) -> Option<()> {
        for gap in before {
            gaps.push(self.after.checked_add(*gap)?);
            *self = Self { counted: self.counted.checked_add(1)?, after: 0, text };
        }
        self.after = self.after.checked_add(u32::try_from(after).ok()?)?;
        Some(())
    }

    /// What is behind these bytes. Takes its gaps.
    #[inline(always)]
    fn run<'a, E: Integers>(
        &self,
        kept_text: KeptText,
        stored: &[u8],
        mut rest: &'a [u8],
        gaps: &mut std::slice::Iter<'_, u32>,
    ) -> Result<&'a [u8], DecodeError> {
        let is_checked = self.text.is_checked(kept_text);
        for _ in 0..self.counted {
            let Some(gap) = gaps.next() else { break };
            let (bytes, behind) = counted::<E>(stored, skip(stored, rest, *gap)?)?;
            if is_checked {
                check_text(stored, bytes, behind)?;
            }
            rest = behind;
        }
        skip(stored, rest, self.after)
    }
}

/// What is behind so many bytes.
#[inline(always)]
fn skip<'a>(stored: &[u8], rest: &'a [u8], length: u32) -> Result<&'a [u8], DecodeError> {
    let length = length as usize;
    rest.get(length..).ok_or_else(|| ends(stored, stored.len() - rest.len(), length))
}

/// Counted bytes, and what is behind them.
#[inline(always)]
fn counted<'a, E: Integers>(stored: &[u8], rest: &'a [u8]) -> Result<(&'a [u8], &'a [u8]), DecodeError> {
    // A shortcut for most lengths: the same as below, without its bookkeeping.
    if E::ENCODING == IntegerEncoding::Fixed
        && let Some((length, bytes)) = rest.split_first_chunk()
        && u64::from_le_bytes(*length) <= bytes.len() as u64
    {
        return Ok(bytes.split_at(u64::from_le_bytes(*length) as usize));
    }
    counted_of_any::<E>(stored, rest)
}

#[inline(never)]
fn counted_of_any<'a, E: Integers>(stored: &[u8], rest: &'a [u8]) -> Result<(&'a [u8], &'a [u8]), DecodeError> {
    let (start, length) = length::<E>(stored, stored.len() - rest.len(), 1)?;
    Ok(rest[rest.len() - (stored.len() - start)..].split_at(length))
}

/// Checks that bytes are text, which others follow.
#[inline(never)]
fn check_text(stored: &[u8], bytes: &[u8], behind: &[u8]) -> Result<(), DecodeError> {
    let end = stored.len() - behind.len();
    check_utf8(stored, end - bytes.len(), end)
}

/// What is behind a record that a kernel rearranges.
#[inline(never)]
fn rearrange<'a>(kernel: &Kernel, stored: &[u8], rest: &'a [u8], out: &mut Vec<u8>) -> Result<&'a [u8], DecodeError> {
    let Some((record, behind)) = rest.split_at_checked(kernel.size_in) else {
        return Err(ends(stored, stored.len() - rest.len(), kernel.size_in));
    };
    kernel.one(record, out);
    Ok(behind)
}
