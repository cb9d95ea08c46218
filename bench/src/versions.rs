//! A set of versions of many releases, and the values that are read and written with it.
//!
//! A value is an order: a string of 24 bytes and five numbers, which older releases stored in each combination of four
//! widths. So there are 1,023 older layouts, and all of them require a migration.

use std::hint::black_box;
use std::process::ExitCode;

use typeser::versions::Versions;
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer};

#[derive(Debug, Clone, PartialEq, StateType)]
pub struct Order {
    id: u64,
    customer: u64,
    name: String,
    count: u64,
    price: u64,
    at: u64,
}

mod release_1 {
    #[derive(typeser::StateType)]
    pub struct Order {
        pub id: u8,
        pub customer: u8,
        pub name: String,
        pub count: u8,
        pub price: u8,
        pub at: u8,
    }
}

const NAME: &str = "twenty-four bytes a name";

/// The snapshots of as many older releases: the last number changes most often.
pub fn older(releases: usize) -> Vec<SerializerSnapshot> {
    let widths = ["u8", "u16", "u32", "u64"];
    let snapshot = |number: usize| {
        let [id, customer, count, price, at] = [8, 6, 4, 2, 0].map(|shift| widths[(number >> shift) & 3]);
        let text = format!(
            "typeser-snapshot 1\nname Order\nintegers fixed\nroot Order\n\nstruct Order v1\n  id {id}\n  \
             customer {customer}\n  name string\n  count {count}\n  price {price}\n  at {at}\n"
        );
        SerializerSnapshot::from_text(&text).unwrap()
    };
    assert!(releases < 1 << 10, "the last of 1,024 layouts is today's");
    (0..releases).map(snapshot).collect()
}

pub fn build(older: &[SerializerSnapshot]) -> Versions<Order> {
    let mut builder = Versions::builder(Serializer::<Order>::new().unwrap());
    for (number, snapshot) in older.iter().enumerate() {
        builder = builder.release(format!("release {}", number + 1), snapshot.clone());
    }
    builder.build().unwrap()
}

/// A set, and what is stored: a plain value of today's, a framed one, and one that release 1 framed.
pub struct Subject {
    order: Order,
    plain: Serializer<Order>,
    set: Versions<Order>,
    stored: Vec<u8>,
    framed: Vec<u8>,
    old: Vec<u8>,
    to: Vec<u8>,
}

pub const WORKS: [&str; 7] = ["deserialize", "decode", "serialize", "encode", "decode-old", "upgrade-old", "which-old"];

impl Subject {
    /// # Panics
    /// If a value is read or written incorrectly.
    pub fn new(releases: usize) -> Self {
        let order = Order { id: 1, customer: 2, name: NAME.into(), count: 3, price: 4, at: 5 };
        let before = release_1::Order { id: 1, customer: 2, name: NAME.into(), count: 3, price: 4, at: 5 };
        let set = build(&older(releases));
        let plain = Serializer::<Order>::new().unwrap();
        let (mut stored, framed) = (Vec::new(), set.encode(&order).unwrap());
        plain.serialize(&order, &mut stored).unwrap();
        let of_release_1 = Versions::builder(Serializer::<release_1::Order>::new().unwrap()).build().unwrap();
        let old = of_release_1.encode(&before).unwrap();
        assert_eq!(set.decode(&framed).unwrap(), order);
        assert_eq!(set.decode(&old).unwrap(), order);
        assert_eq!(set.which(&old).unwrap(), ["release 1"]);
        Self { order, plain, set, stored, framed, old, to: Vec::with_capacity(4096) }
    }

    pub fn work(&mut self, work: &str, times: usize) {
        let Self { order, plain, set, stored, framed, old, to } = self;
        match work {
            "deserialize" => (0..times).for_each(|_| drop(black_box(plain.deserialize(black_box(stored)).unwrap()))),
            "decode" => (0..times).for_each(|_| drop(black_box(set.decode(black_box(&*framed)).unwrap()))),
            "serialize" => (0..times).for_each(|_| {
                to.clear();
                plain.serialize(black_box(order), to).unwrap();
            }),
            "encode" => (0..times).for_each(|_| {
                to.clear();
                set.encode_to(black_box(order), to).unwrap();
            }),
            "decode-old" => (0..times).for_each(|_| drop(black_box(set.decode(black_box(&*old)).unwrap()))),
            "upgrade-old" => (0..times).for_each(|_| {
                to.clear();
                set.upgrade(black_box(&*old), to).unwrap();
            }),
            "which-old" => (0..times).for_each(|_| {
                black_box(set.which(black_box(&*old)).unwrap());
            }),
            _ => {}
        }
    }

    /// One kind of work alone, for a profiler.
    pub fn alone(&mut self, work: &str, times: usize) -> ExitCode {
        self.work(work, times);
        ExitCode::SUCCESS
    }
}
