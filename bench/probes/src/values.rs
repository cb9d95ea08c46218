//! The stored values: lists of orders of a small shop, the same ones on every machine.

use crate::edits::{Order, Status};

/// The number of lists.
pub const LISTS: u64 = 1_000;

/// Lists of one to five orders.
pub fn all() -> Vec<Vec<Order<Status>>> {
    (0..LISTS)
        .map(|seed| {
            let mut random = Random(seed);
            (0..=random.below(5)).map(|_| order(&mut random)).collect()
        })
        .collect()
}

/// An order with a small or arbitrary id, a small quantity, and a price in cents.
fn order(random: &mut Random) -> Order<Status> {
    let id = match random.below(2) {
        0 => random.below(10_000),
        _ => random.below(1 << 32),
    };
    let id = u32::try_from(id).unwrap_or(u32::MAX);
    Order {
        id,
        quantity: random.below(20) as u32 + 1,
        price: random.below(100_000) as u32,
        note: text(random, 12),
        status: match random.below(4) {
            0 => Status::Open,
            1 => Status::Paid,
            2 => Status::Shipped,
            _ => Status::Returned,
        },
    }
}

/// Up to `most` lowercase letters.
fn text(random: &mut Random, most: u64) -> String {
    (0..random.below(most + 1)).map(|_| char::from(b'a' + random.below(26) as u8)).collect()
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }
}
