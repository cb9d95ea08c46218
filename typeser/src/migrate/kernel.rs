//! Kernels: records of known size, rearranged by one table instead of one operation per field.

use super::convert::Converter;
use super::copy_table::CopyTable;
use super::moves::{MergedMove, Move};

/// How the bytes of a stored record of known size become those of a new one.
#[derive(Debug, Clone)]
pub(super) struct Kernel {
    pub(super) size_in: usize,
    pub(super) size_out: usize,
    /// The new record with its constants in place.
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

/// How many new bytes are written at a time: few enough to stay in the L1 cache.
const BLOCK: usize = 1 << 13;

impl Kernel {
    /// A kernel for these moves; `None` if a kernel cannot perform one of them.
    pub(super) fn new(size_in: usize, template: Vec<u8>, moves: &[Move]) -> Option<Self> {
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

    /// The memory that it takes.
    pub(super) fn weight(&self) -> usize {
        let table = if let Many::CopyTable(table) = &self.many { table.weight() } else { 0 };
        self.template.len() + self.pieces.len() * size_of::<MergedMove>() + table
    }

    /// Appends the new record for one stored one.
    pub(super) fn one(&self, stored: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&self.template);
        self.fill(stored, &mut out[start..]);
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
