//! Copy tables: records of known size whose bytes move within the record, unchanged.
//!
//! A record is divided into units of the widest width that divides every move, and a table maps each new unit to a
//! stored one. Where the table is periodic (four vertices, each with its three numbers in another order), each period
//! is treated as a record.

use super::moves::MergedMove;

/// For each unit of a new record, the index of the stored unit to copy.
#[derive(Debug, Clone)]
pub(super) struct CopyTable {
    width: usize,
    /// How many units a stored record has.
    units_in: usize,
    units: Vec<u32>,
}

/// The most units of a record. Wider records gain nothing from a table.
const MOST_UNITS: usize = 1024;

impl CopyTable {
    /// `None` if another way is faster. All moves must be copies.
    pub(super) fn new(size_in: usize, size_out: usize, pieces: &[MergedMove]) -> Option<Self> {
        let covered: usize = pieces.iter().map(|piece| piece.length_in).sum();
        let mut width = 8;
        let numbers = pieces.iter().flat_map(|piece| [piece.from, piece.to, piece.length_in]);
        for number in numbers.chain([size_in]) {
            while !number.is_multiple_of(width) {
                width /= 2;
            }
        }
        let units = size_out / width;
        if covered != size_out || units > MOST_UNITS || size_in == 0 || pieces.len() < 2 {
            return None;
        }
        let mut table = vec![0u32; units];
        for piece in pieces {
            for unit in 0..piece.length_in / width {
                table[piece.to / width + unit] = u32::try_from(piece.from / width + unit).ok()?;
            }
        }
        let period = period(&table, size_in / width);
        table.truncate(period);
        let units_in = if period == units { size_in / width } else { period };
        Some(Self { width, units_in, units: table })
    }

    /// The memory that it takes.
    pub(super) fn weight(&self) -> usize {
        self.units.len() * size_of::<u32>()
    }

    /// Fills new records from as many stored records.
    pub(super) fn run(&self, from: &[u8], to: &mut [u8]) {
        match self.width {
            8 => self.wide::<8>(from, to),
            4 => self.wide::<4>(from, to),
            2 => self.narrow::<2>(from, to),
            _ => self.narrow::<1>(from, to),
        }
    }

    /// The most frequent widths, with code compiled for the usual numbers of units.
    fn wide<const WIDTH: usize>(&self, from: &[u8], to: &mut [u8]) {
        match self.units.len() {
            units if units != self.units_in => self.narrow::<WIDTH>(from, to),
            2 => self.known::<WIDTH, 2>(from, to),
            3 => self.known::<WIDTH, 3>(from, to),
            4 => self.known::<WIDTH, 4>(from, to),
            6 => self.known::<WIDTH, 6>(from, to),
            8 => self.known::<WIDTH, 8>(from, to),
            12 => self.known::<WIDTH, 12>(from, to),
            16 => self.known::<WIDTH, 16>(from, to),
            _ => self.narrow::<WIDTH>(from, to),
        }
    }

    #[inline(never)]
    fn known<const WIDTH: usize, const UNITS: usize>(&self, from: &[u8], to: &mut [u8]) {
        let mut units = [0; UNITS];
        for (unit, known) in units.iter_mut().zip(&self.units) {
            // The table never has a larger index. The remainder shows that to the compiler, which removes the bounds
            // check.
            *unit = *known as usize % UNITS;
        }
        let (from, _) = from.as_chunks::<WIDTH>().0.as_chunks::<UNITS>();
        let (to, _) = to.as_chunks_mut::<WIDTH>().0.as_chunks_mut::<UNITS>();
        for (to, from) in to.iter_mut().zip(from) {
            *to = units.map(|unit| from[unit]);
        }
    }

    #[inline(never)]
    fn narrow<const WIDTH: usize>(&self, from: &[u8], to: &mut [u8]) {
        let from = from.as_chunks::<WIDTH>().0.chunks_exact(self.units_in);
        let to = to.as_chunks_mut::<WIDTH>().0.chunks_exact_mut(self.units.len());
        for (to, from) in to.zip(from) {
            for (to, unit) in to.iter_mut().zip(&self.units) {
                *to = from[*unit as usize];
            }
        }
    }
}

/// The period of the table in units: after it, every index is larger by the period. The whole length if there is none.
fn period(table: &[u32], units_in: usize) -> usize {
    let all = table.len();
    let repeats = |period: usize| {
        let step = period as u32;
        table[..period].iter().all(|unit| *unit < step)
            && table.iter().zip(&table[period..]).all(|(unit, next)| unit + step == *next)
    };
    if all != units_in {
        return all;
    }
    (1..all).find(|period| all.is_multiple_of(*period) && repeats(*period)).unwrap_or(all)
}
