//! Programs that only drop, write and rearrange between unchanged bytes, as a list of cuts.
//!
//! A value alone takes few operations, so that starting the transcoder would be most of the work, and choosing the next
//! operation most of the rest. Here nothing is chosen: each cut does the same in the same order.

use super::constant::Constant;
use super::kernel::Kernel;
use super::operation::{Gaps, KeptText, Operation, Text};
use super::stored::{check_utf8, ends, length};
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
    pub(super) fn of(operations: &[Operation], gaps: &[u32]) -> Option<Self> {
        let mut splices = Self::default();
        let mut cut = Cut::NOTHING;
        let at = |range: Gaps| &gaps[range.start as usize..range.end as usize];
        let mut operations = operations.iter();
        loop {
            match *operations.next()? {
                Operation::Skip(length) => splices.keep(&mut cut, (&[], Text::Unchecked, length))?,
                Operation::SkipCounted { gaps, text, after } => {
                    splices.keep(&mut cut, (at(gaps), text, after as usize))?;
                }
                Operation::Drop(length) => splices.drop(&mut cut, (&[], Text::Unchecked, length))?,
                Operation::DropCounted { gaps, text, after } => {
                    splices.drop(&mut cut, (at(gaps), text, after as usize))?;
                }
                // Several operations are dropped between these two.
                Operation::Flush => {
                    splices.drop(&mut cut, (&[], Text::Unchecked, 0))?;
                    loop {
                        match *operations.next()? {
                            Operation::Skip(length) => {
                                splices.drop_more(&mut cut, (&[], Text::Unchecked, length))?;
                            }
                            Operation::SkipCounted { gaps, text, after } => {
                                splices.drop_more(&mut cut, (at(gaps), text, after as usize))?;
                            }
                            Operation::Discard => break,
                            _ => return None,
                        }
                    }
                }
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

    /// Drops what one operation drops: not together with what the one before drops, so that errors have its offset.
    fn drop(&mut self, cut: &mut Cut, skipped: Skipped<'_>) -> Option<()> {
        if cut.writes() || !cut.dropped.is_empty() {
            self.finish(cut);
        }
        cut.dropped.extend(skipped, &mut self.gaps)
    }

    fn drop_more(&mut self, cut: &mut Cut, skipped: Skipped<'_>) -> Option<()> {
        if !cut.dropped.takes(skipped) {
            self.finish(cut);
        }
        cut.dropped.extend(skipped, &mut self.gaps)
    }

    fn finish(&mut self, cut: &mut Cut) {
        self.cuts.push(std::mem::replace(cut, Cut::NOTHING));
    }

    /// Appends the result, as the transcoder would for the program, with the same errors.
    #[inline(never)]
    pub(super) fn run<E: Integers>(
        &self,
        (constants, kernels): (&[u8], &[Kernel]),
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
                wire::extend(out, constants, start as usize..end as usize);
            }
            if cut.kernel != NONE {
                rest = rearrange(&kernels[cut.kernel as usize], stored, rest, out)?;
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::super::functions::NoFunctions;
    use super::super::lower::lower;
    use super::super::program::Program;
    use super::super::scratch::Scratch;
    use super::super::transcode::run_with;
    use super::*;
    use crate::resolve::{Policy, Role, resolve};
    use crate::snapshot::SerializerSnapshot;

    /// The fields of the stored record and of the new one.
    const RECORDS: [(&str, &str); 7] = [
        // A text is dropped and one is written.
        ("a u32, b string, c string, d string, e u16", "a u32, b string, d string, e u16, f string = \"new\""),
        // Texts and bytes alternate, and a number is widened between them.
        (
            "a string, b list<u8>, c u16, d string, e list<u8>, f u8",
            "a string, b list<u8>, c u32, d string, e list<u8>, f u8",
        ),
        // Several parts are dropped at once, at the beginning, inside and at the end.
        ("a string, b u8, c list<u8>, d string, e u64, f string", "d string"),
        ("a u64, b string, c u64", "b string, d u8 = 7"),
        // Two parts are dropped one after the other, apart.
        ("a u32, u unit, b u32, s string", "u unit, s string"),
        // Two constants and two kernels without anything between.
        ("a u8, b u16, c string", "x u8 = 1, a u16, b u32, y u16 = 2, c string, z u32 = 3"),
        ("a string", "a string, b list<u8> = [1,2,3,4]"),
    ];

    #[test]
    fn they_do_what_the_transcoder_does() {
        let mut compared = 0;
        for (stored, new) in RECORDS {
            for integers in ["fixed", "variable"] {
                let (from, to) = (snapshot(stored, "", integers), snapshot(new, stored, integers));
                let resolution = resolve(&from, &to, Role::Value, &Policy::default());
                let plan = resolution.plan().unwrap_or_else(|| panic!("{stored}: {:?}", resolution.findings()));
                let bytes = value(stored, integers);
                for (check, kept) in [(true, KeptText::Checked), (true, KeptText::Deferred), (false, KeptText::Checked)]
                {
                    let program = lower(plan, check).unwrap();
                    if program.splices.is_none() {
                        assert_eq!(integers, "variable", "{stored}: no splices");
                        continue;
                    }
                    let other = Program { splices: None, ..program.clone() };
                    for damaged in damage(&bytes) {
                        let run = |program: &Program, room: usize| {
                            let mut out = Vec::with_capacity(room);
                            out.extend_from_slice(b"before");
                            let outcome =
                                run_with(program, &NoFunctions, kept, &damaged, &mut Scratch::default(), &mut out);
                            (outcome, out)
                        };
                        assert_eq!(run(&program, 0), run(&other, 0), "{stored} -> {new}, {integers}: {damaged:?}");
                        assert_eq!(run(&program, 4096), run(&other, 0), "{stored} -> {new}, {integers}: {damaged:?}");
                        compared += 1;
                    }
                }
            }
        }
        assert!(compared > 6_000, "{compared}");
    }

    #[test]
    fn stored_parts_of_any_size_are_not_taken_for_small_ones() {
        let text = |fields: &str, removed: &str| {
            let parts = ["P", "Q"].map(|part| format!("\nstruct {part} v1\n{removed}  x u16\n{fields}")).concat();
            let root = "typeser-snapshot 1\nname R\nintegers fixed\nroot R\n\nstruct R v1\n  a P\n  b Q\n  s string\n";
            SerializerSnapshot::from_text(&[root, &parts].concat()).unwrap()
        };
        let stored = text("  big [u8; 9223372036854775808]\n", "");
        let resolution = resolve(&stored, &text("", "  @removed big\n"), Role::Value, &Policy::default());
        let program = lower(resolution.plan().unwrap(), true).unwrap();
        let run = |stored: &[u8]| {
            let (scratch, out) = (&mut Scratch::default(), &mut Vec::new());
            run_with(&program, &NoFunctions, KeptText::Checked, stored, scratch, out).map_err(|error| error.offset())
        };
        assert_eq!(run(&[0; 64]), Err(0));
    }

    /// The snapshot of a record with these fields that had those before.
    fn snapshot(fields: &str, before: &str, integers: &str) -> SerializerSnapshot {
        let name = |field: &str| field.split(' ').next().unwrap_or_default().to_owned();
        let names: Vec<String> = fields.split(", ").map(name).collect();
        let mut text = format!("typeser-snapshot 1\nname R\nintegers {integers}\nroot R\n\nstruct R v1\n");
        for removed in before.split(", ").map(name).filter(|before| !before.is_empty() && !names.contains(before)) {
            text.push_str(&format!("  @removed {removed}\n"));
        }
        for field in fields.split(", ") {
            match field.split_once(" = ") {
                Some((field, value)) => text.push_str(&format!("  {field}\n    @default-value {value}\n")),
                None => text.push_str(&format!("  {field}\n")),
            }
        }
        SerializerSnapshot::from_text(&text).unwrap_or_else(|error| panic!("{text}\n{error}"))
    }

    /// The bytes of a value of a record with these fields.
    fn value(fields: &str, integers: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (place, field) in fields.split(", ").enumerate() {
            let mut length = |length: usize| match integers {
                "fixed" => bytes.extend_from_slice(&(length as u64).to_le_bytes()),
                _ => bytes.push(length as u8),
            };
            match field.split(' ').next_back() {
                Some("string") => {
                    let text = ["", "\u{e4}", "a text of some length, beyond thirty-two bytes"][place % 3];
                    length(text.len());
                    bytes.extend_from_slice(text.as_bytes());
                }
                Some("list<u8>") => {
                    length(3);
                    bytes.extend_from_slice(&[0xFF, 0, 0x80]);
                }
                Some("unit") => {}
                Some("u8") => bytes.push(9),
                Some(number) if integers == "fixed" => {
                    let width = number[1..].parse::<usize>().unwrap() / 8;
                    bytes.extend_from_slice(&[9, 8, 7, 6, 5, 4, 3, 2][..width]);
                }
                _ => bytes.push(9),
            }
        }
        bytes
    }

    /// The bytes, the same cut at each place, with one more byte, and with each byte changed.
    fn damage(bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut all: Vec<Vec<u8>> = (0..=bytes.len()).map(|length| bytes[..length].to_vec()).collect();
        all.push([bytes, &[0]].concat());
        for place in 0..bytes.len() {
            for byte in [0, 1, 0x7F, 0x80, 0xC3, 0xFF] {
                let mut changed = bytes.to_vec();
                changed[place] = byte;
                all.push(changed);
            }
        }
        all
    }
}
