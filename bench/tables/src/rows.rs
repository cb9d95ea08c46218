//! The rows: an order of a customer, in two releases.

use native_db::{ToKey, native_db};
use native_model::{Model, native_model};
use serde::{Deserialize, Serialize};
use typeser::StateType;

/// How many rows a transaction writes, and a range reads.
pub const BATCH: u64 = 10_000;
pub const RANGE: u64 = 1_000;

#[derive(Debug, Clone, StateType, Serialize, Deserialize)]
#[native_model(id = 1, version = 1)]
#[native_db]
pub struct Order {
    #[primary_key]
    pub number: u64,
    pub customer: String,
    pub note: String,
    pub cents: u32,
    pub at: i64,
}

/// The next release: an amount is wider, and there is another field.
#[derive(Debug, Clone, StateType, Serialize, Deserialize)]
#[state(name = "Order")]
#[native_model(id = 1, version = 2, from = Order)]
#[native_db]
pub struct NewOrder {
    #[primary_key]
    pub number: u64,
    pub customer: String,
    pub note: String,
    pub cents: u64,
    pub at: i64,
    #[state(default)]
    pub priority: u8,
}

impl From<Order> for NewOrder {
    fn from(Order { number, customer, note, cents, at }: Order) -> Self {
        Self { number, customer, note, cents: cents.into(), at, priority: 0 }
    }
}

impl From<NewOrder> for Order {
    fn from(NewOrder { number, customer, note, cents, at, .. }: NewOrder) -> Self {
        Self { number, customer, note, cents: cents as u32, at }
    }
}

/// A row. Numbers ascend, as those of orders do.
pub fn order(number: u64) -> Order {
    let mixed = mix(number);
    Order {
        number,
        customer: format!("customer {:06}", mixed % 1_000_000),
        note: "leave it with a neighbour"[..(mixed >> 32) as usize % 25].to_owned(),
        cents: (mixed >> 40) as u32,
        at: 1_764_000_000 + number as i64,
    }
}

/// Numbers of rows in an order that no cache foresees.
pub fn shuffled(rows: u64) -> impl Iterator<Item = u64> {
    (0..rows).map(move |number| mix(number) % rows)
}

/// Where ranges begin.
pub fn starts(rows: u64) -> impl Iterator<Item = u64> {
    shuffled(rows).take((rows / RANGE) as usize)
}

fn mix(number: u64) -> u64 {
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
}
