//! Kernels: records of known size, moved by a table instead of by an operation a field.

use super::convert::Converter;
use super::gather::Gather;
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

/// How records that stand one after the other are moved.
#[derive(Debug, Clone)]
enum Many {
    /// Nothing is added, nothing converted.
    Gather(Gather),
    /// Everything is converted, and alike.
    Convert(Converter),
    /// One record after the other.
    Pieces,
}

/// How many new bytes are made at a time: few enough to stay in the first cache while they are.
const BLOCK: usize = 1 << 13;

impl Kernel {
    /// Makes a kernel. `None` if there is a move that no kernel knows.
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
                Gather::new(size_in, size_out, &pieces).map_or(Many::Pieces, Many::Gather)
            }
            _ => Many::Pieces,
        };
        Some(Self { size_in, size_out, template, pieces, many })
    }

    /// Appends the new record for one stored one.
    pub(super) fn one(&self, stored: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&self.template);
        self.fill(stored, &mut out[start..]);
    }

    /// Appends the new records for stored ones that stand one after the other.
    pub(super) fn many(&self, stored: &[u8], out: &mut Vec<u8>) {
        out.reserve(stored.len() / self.size_in * self.size_out);
        match &self.many {
            Many::Gather(gather) => self.blocks(stored, out, |from, to| gather.run(from, to)),
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

/// Copies; short runs of the usual widths without a call.
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
