//! Kernels: records of known size, rearranged by one table instead of one operation per field.

use super::convert::Converter;
use super::copy_table::CopyTable;
use super::moves::{MergedMove, Move};
use crate::wire;

/// How the bytes of a stored record of known size become those of a new one.
#[derive(Debug, Clone)]
pub(super) struct Kernel {
    pub(super) size_in: usize,
    pub(super) size_out: usize,
    /// The new record with its constants in place, and zeros behind a small one.
    template: Vec<u8>,
    pieces: Vec<MergedMove>,
    many: Many,
}

/// How consecutive records are rearranged.
#[derive(Debug, Clone)]
enum Many {
    /// All bytes are copied, none added or converted.
    CopyTable(CopyTable),
    /// All bytes are converted in the same way.
    Convert(Converter),
    /// One record after the other.
    Pieces,
}

/// The largest record that is made on the stack, in bytes.
const SMALL: usize = 64;
/// How many new bytes are written at a time: few enough to stay in the L1 cache.
const BLOCK: usize = 1 << 13;

impl Kernel {
    /// A kernel for these moves; `None` if a kernel cannot perform one of them.
    pub(super) fn new(size_in: usize, mut template: Vec<u8>, moves: &[Move]) -> Option<Self> {
        let mut pieces: Vec<MergedMove> = Vec::with_capacity(moves.len());
        for next in moves {
            let next = MergedMove::of(next)?;
            match pieces.last_mut() {
                Some(piece) if piece.is_continued_by(&next) => {
                    piece.length_in += next.length_in;
                    piece.length_out += next.length_out;
                }
                _ => pieces.push(next),
            }
        }
        let size_out = template.len();
        template.resize(size_out.max(SMALL), 0);
        let many = match pieces[..] {
            [MergedMove { length_in, length_out, converter: Some((converter, ..)), .. }]
                if length_in == size_in && length_out == size_out =>
            {
                Many::Convert(converter)
            }
            _ if pieces.iter().all(|piece| piece.converter.is_none()) => {
                CopyTable::new(size_in, size_out, &pieces).map_or(Many::Pieces, Many::CopyTable)
            }
            _ => Many::Pieces,
        };
        Some(Self { size_in, size_out, template, pieces, many })
    }

    /// Lets the kernel rearrange what another one rearranges as well, if it follows.
    pub(super) fn append(&mut self, next: &Self) {
        for piece in &next.pieces {
            let piece = MergedMove { from: piece.from + self.size_in, to: piece.to + self.size_out, ..*piece };
            match self.pieces.last_mut() {
                Some(last) if last.is_continued_by(&piece) => {
                    last.length_in += piece.length_in;
                    last.length_out += piece.length_out;
                }
                _ => self.pieces.push(piece),
            }
        }
        self.template.truncate(self.size_out);
        self.template.extend_from_slice(&next.template[..next.size_out]);
        self.size_in += next.size_in;
        self.size_out += next.size_out;
        self.template.resize(self.size_out.max(SMALL), 0);
        self.many = Many::Pieces;
    }

    /// The memory that it takes.
    pub(super) fn weight(&self) -> usize {
        let table = if let Many::CopyTable(table) = &self.many { table.weight() } else { 0 };
        self.template.len() + self.pieces.len() * size_of::<MergedMove>() + table
    }

    /// Appends the new record for one stored one.
    pub(super) fn one(&self, stored: &[u8], out: &mut Vec<u8>) {
        if let Many::Convert(convert) = &self.many
            && self.size_out <= size_of::<u128>()
        {
            let mut new = [0; wire::SPARE];
            convert(stored, &mut new[..self.size_out]);
            return wire::extend(out, &new, 0..self.size_out);
        }
        // Small records are made on the stack: the sizes are known there, so that nothing is called to copy them.
        match self.template.first_chunk::<SMALL>() {
            Some(template) if self.size_out <= SMALL => {
                let mut new = *template;
                self.fill(stored, &mut new[..self.size_out]);
                wire::extend(out, &new, 0..self.size_out);
            }
            _ => {
                let start = out.len();
                out.extend_from_slice(&self.template[..self.size_out]);
                self.fill(stored, &mut out[start..]);
            }
        }
    }

    /// Appends the new records for consecutive stored records.
    pub(super) fn many(&self, stored: &[u8], out: &mut Vec<u8>) {
        out.reserve(stored.len() / self.size_in * self.size_out);
        match &self.many {
            Many::CopyTable(table) => self.blocks(stored, out, |from, to| table.run(from, to)),
            Many::Convert(converter) => self.blocks(stored, out, converter),
            Many::Pieces => stored.chunks_exact(self.size_in).for_each(|from| self.one(from, out)),
        }
    }

    fn blocks(&self, stored: &[u8], out: &mut Vec<u8>, fill: impl Fn(&[u8], &mut [u8])) {
        let records = (BLOCK / self.size_out.max(1)).max(1);
        for block in stored.chunks(records * self.size_in) {
            let start = out.len();
            out.resize(start + block.len() / self.size_in * self.size_out, 0);
            fill(block, &mut out[start..]);
        }
    }

    fn fill(&self, stored: &[u8], new: &mut [u8]) {
        for MergedMove { from, to, length_in, length_out, converter } in &self.pieces {
            let stored = &stored[*from..*from + *length_in];
            let new = &mut new[*to..*to + *length_out];
            match converter {
                Some((convert, ..)) => convert(stored, new),
                None => copy(stored, new),
            }
        }
    }
}

/// Copies; the usual short widths without a call.
#[inline(always)]
fn copy(from: &[u8], to: &mut [u8]) {
    if let (Ok(from), Ok(to)) = (<&[u8; 8]>::try_from(from), <&mut [u8; 8]>::try_from(&mut *to)) {
        *to = *from;
    } else if let (Ok(from), Ok(to)) = (<&[u8; 4]>::try_from(from), <&mut [u8; 4]>::try_from(&mut *to)) {
        *to = *from;
    } else {
        to.copy_from_slice(from);
    }
}
