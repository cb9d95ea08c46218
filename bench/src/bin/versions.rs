//! `Versions` beside plain `serialize` and `deserialize`: what the frame and the choice of the layout cost for a value of
//! today's release and for older ones, with few and with many releases known, and what building the set takes.
//!
//! A value is an order: a string of 24 bytes and five numbers, which older releases stored in each combination of four
//! widths. So there are 1,023 older layouts, and all of them require a migration.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use peak_alloc::PeakAlloc;
use typeser::versions::Versions;
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const USAGE: &str = "\
versions
    a table: with 1, 10, 100 and 1,000 releases known
versions profile WORK RELEASES TIMES
    one kind of work alone, for a profiler; WORK is nothing, deserialize, decode, serialize, encode, decode-old,
    upgrade-old or which-old";

#[derive(Debug, Clone, PartialEq, StateType)]
struct Order {
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
fn older(releases: usize) -> Vec<SerializerSnapshot> {
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

fn build(older: &[SerializerSnapshot]) -> Versions<Order> {
    let mut builder = Versions::builder(Serializer::<Order>::new().unwrap());
    for (number, snapshot) in older.iter().enumerate() {
        builder = builder.release(format!("release {}", number + 1), snapshot.clone());
    }
    builder.build().unwrap()
}

/// A set, and what is stored: a plain value of today's, a framed one, and one that release 1 framed.
struct Subject {
    order: Order,
    plain: Serializer<Order>,
    set: Versions<Order>,
    stored: Vec<u8>,
    framed: Vec<u8>,
    old: Vec<u8>,
    to: Vec<u8>,
}

const WORKS: [&str; 7] = ["deserialize", "decode", "serialize", "encode", "decode-old", "upgrade-old", "which-old"];

impl Subject {
    fn new(releases: usize) -> Self {
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

    fn work(&mut self, work: &str, times: usize) {
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
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] => table(),
        ["profile", work, releases, times] => match (releases.parse(), times.parse()) {
            (Ok(releases), Ok(times)) => Subject::new(releases).work(work, times),
            _ => return fail(),
        },
        _ => return fail(),
    }
    ExitCode::SUCCESS
}

fn fail() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::FAILURE
}

/// Nanoseconds of each kind of work: the minimum of 200 passes of 1,000 values; the works take turns.
fn table() {
    println!("| older releases known | build, ms | heap, KiB | {} |", WORKS.join(" | "));
    println!("| --- | --- | --- |{}", " --- |".repeat(WORKS.len()));
    for releases in [1, 10, 100, 1000] {
        let snapshots = older(releases);
        let mut least = f64::INFINITY;
        let mut heap = 0;
        for _ in 0..5 {
            let (before, start) = (ALLOCATOR.current_usage(), Instant::now());
            let set = build(&snapshots);
            least = least.min(start.elapsed().as_secs_f64() * 1e3);
            heap = ALLOCATOR.current_usage() - before;
            drop(set);
        }
        let mut subject = Subject::new(releases);
        let mut times = [f64::INFINITY; WORKS.len()];
        for _ in 0..200 {
            for (time, work) in times.iter_mut().zip(WORKS) {
                let start = Instant::now();
                subject.work(work, 1000);
                *time = time.min(start.elapsed().as_secs_f64() * 1e6);
            }
        }
        let times: Vec<String> = times.iter().map(|time| format!("{time:.1}")).collect();
        println!("| {releases} | {least:.2} | {} | {} |", heap / 1024, times.join(" | "));
    }
}
