//! Kernels: records of known size, moved by a table instead of by an operation a field.

use crate::schema::Primitive;

/// How the bytes of a stored record of known size become those of a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kernel {
    pub(super) size_in: usize,
    pub(super) size_out: usize,
    /// The new record with its constants in place.
    template: Vec<u8>,
    moves: Vec<Move>,
    gather: Option<Gather>,
}

/// Some bytes of a record, and what becomes of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Move {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) kind: MoveKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MoveKind {
    Copy { length: usize },
    Convert { from: Primitive, to: Primitive },
}

/// For each unit of a new record, the unit of the stored one that it is: nothing added, nothing converted.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Gather {
    width: usize,
    units: Vec<u32>,
}

/// The widest record for which a unit table is worth having.
const MOST_UNITS: usize = 1024;

impl Kernel {
    /// Makes a kernel; moves that continue each other become one.
    pub(super) fn new(size_in: usize, template: Vec<u8>, moves: &[Move]) -> Self {
        let mut merged: Vec<Move> = Vec::with_capacity(moves.len());
        for next in moves {
            let continued = match (merged.last_mut(), next.kind) {
                (Some(Move { from, to, kind: MoveKind::Copy { length } }), MoveKind::Copy { length: more })
                    if *from + *length == next.from && *to + *length == next.to =>
                {
                    *length += more;
                    true
                }
                _ => false,
            };
            if !continued {
                merged.push(*next);
            }
        }
        let size_out = template.len();
        let gather = gather(size_in, size_out, &merged);
        Self { size_in, size_out, template, moves: merged, gather }
    }

    /// Appends the new record for one stored one.
    pub(super) fn one(&self, stored: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&self.template);
        self.fill(stored, &mut out[start..]);
    }

    /// Appends the new records for stored ones that stand one after the other.
    pub(super) fn many(&self, stored: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        let count = stored.len() / self.size_in;
        match &self.gather {
            Some(Gather { width, units }) => {
                out.resize(start + count * self.size_out, 0);
                let records = stored.chunks_exact(self.size_in).zip(out[start..].chunks_exact_mut(self.size_out));
                match width {
                    8 => records.for_each(|(from, to)| gather_units::<8>(units, from, to)),
                    4 => records.for_each(|(from, to)| gather_units::<4>(units, from, to)),
                    2 => records.for_each(|(from, to)| gather_units::<2>(units, from, to)),
                    _ => records.for_each(|(from, to)| gather_units::<1>(units, from, to)),
                }
            }
            None => {
                out.reserve(count * self.size_out);
                for from in stored.chunks_exact(self.size_in) {
                    self.one(from, out);
                }
            }
        }
    }

    fn fill(&self, stored: &[u8], new: &mut [u8]) {
        for Move { from, to, kind } in &self.moves {
            match kind {
                MoveKind::Copy { length: 8 } => new[*to..*to + 8].copy_from_slice(&stored[*from..*from + 8]),
                MoveKind::Copy { length: 4 } => new[*to..*to + 4].copy_from_slice(&stored[*from..*from + 4]),
                MoveKind::Copy { length } => new[*to..*to + length].copy_from_slice(&stored[*from..*from + length]),
                MoveKind::Convert { from: narrow, to: wide } => {
                    convert(*narrow, *wide, &stored[*from..], &mut new[*to..])
                }
            }
        }
    }
}

#[inline(always)]
fn gather_units<const N: usize>(units: &[u32], from: &[u8], to: &mut [u8]) {
    let (from, _) = from.as_chunks::<N>();
    let (to, _) = to.as_chunks_mut::<N>();
    for (to, unit) in to.iter_mut().zip(units) {
        *to = from[*unit as usize];
    }
}

fn gather(size_in: usize, size_out: usize, moves: &[Move]) -> Option<Gather> {
    let mut covered = 0;
    let mut width = 8;
    for Move { from, to, kind } in moves {
        let MoveKind::Copy { length } = kind else { return None };
        covered += length;
        while [from, to, length].iter().any(|number| *number % width != 0) {
            width /= 2;
        }
    }
    while !size_in.is_multiple_of(width) {
        width /= 2;
    }
    let units = size_out / width;
    if covered != size_out || units > MOST_UNITS || size_in == 0 || moves.len() < 2 {
        return None;
    }
    let mut table = vec![0u32; units];
    for Move { from, to, kind } in moves {
        let MoveKind::Copy { length } = kind else { return None };
        for unit in 0..length / width {
            table[to / width + unit] = u32::try_from(from / width + unit).ok()?;
        }
    }
    Some(Gather { width, units: table })
}

/// Converts a primitive of the fixed encoding. The resolver allows lossless widenings only.
pub(super) fn convert(from: Primitive, to: Primitive, stored: &[u8], new: &mut [u8]) {
    let (Some(narrow), Some(wide)) = (from.width(), to.width()) else { return };
    let stored = &stored[..narrow];
    let new = &mut new[..wide];
    if to.is_float() {
        let value = as_float(from, stored);
        match to {
            #[allow(clippy::cast_possible_truncation, reason = "only integers of 16 bits become an f32")]
            Primitive::F32 => new.copy_from_slice(&(value as f32).to_le_bytes()),
            _ => new.copy_from_slice(&value.to_le_bytes()),
        }
    } else {
        let negative = from.is_signed() && stored[narrow - 1] & 0x80 != 0;
        new[..narrow].copy_from_slice(stored);
        new[narrow..].fill(if negative { 0xFF } else { 0 });
    }
}

fn as_float(from: Primitive, stored: &[u8]) -> f64 {
    let mut wide = [0; 8];
    wide[..stored.len()].copy_from_slice(stored);
    match from {
        Primitive::F32 => f64::from(f32::from_le_bytes([wide[0], wide[1], wide[2], wide[3]])),
        Primitive::I8 => f64::from(i8::from_le_bytes([wide[0]])),
        Primitive::I16 => f64::from(i16::from_le_bytes([wide[0], wide[1]])),
        Primitive::I32 => f64::from(i32::from_le_bytes([wide[0], wide[1], wide[2], wide[3]])),
        _ => f64::from(u32::from_le_bytes([wide[0], wide[1], wide[2], wide[3]])),
    }
}
