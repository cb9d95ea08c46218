//! Savepoints to query.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU16;
use std::ops::{Range, RangeTo};
use std::path::Path;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use typeser::StateType;
use typeser_state::backend::MemoryBackend;
use typeser_state::key_group::{KeyGroupRange, MaxParallelism};
use typeser_state::keyed::{KeyedStateBackend, Operator};
use typeser_state::savepoint::Savepoint;
use uuid::Uuid;

#[derive(Debug, Clone, StateType)]
struct Numbers {
    a: u8,
    b: i64,
    wide: u128,
    negative: i128,
    float: f64,
    single: f32,
    flag: bool,
    nonzero: NonZeroU16,
}

#[derive(Debug, Clone, StateType)]
struct Texts {
    letter: char,
    text: String,
    bytes: Vec<u8>,
    digest: [u8; 3],
    nothing: (),
}

#[derive(Debug, Clone, StateType)]
struct Options {
    one: Option<u32>,
    two: Option<Option<u32>>,
    unit: Option<()>,
    record: Option<Pair>,
}

#[derive(Debug, Clone, StateType)]
struct Pair {
    left: u32,
    right: Option<String>,
}

#[derive(Debug, Clone, StateType)]
struct Name(String);

#[derive(Debug, Clone, StateType)]
struct Collections {
    list: Vec<u32>,
    pairs: Vec<Pair>,
    set: BTreeSet<Name>,
    map: BTreeMap<String, u32>,
    by_option: BTreeMap<Option<u8>, Vec<u8>>,
    array: [i16; 2],
    tuple: (u8, Name, Option<bool>),
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Name {}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

#[derive(Debug, Clone, StateType)]
enum Colour {
    Red,
    Green,
}

#[derive(Debug, Clone, StateType)]
enum Shape {
    Point,
    Circle(f64),
    Line(i32, i32),
    Box { width: u32, height: Option<u32> },
}

#[derive(Debug, Clone, StateType)]
struct Enums {
    colour: Colour,
    shape: Shape,
    maybe: Option<Shape>,
    result: Result<u8, String>,
    order: std::cmp::Ordering,
}

#[derive(Debug, Clone, StateType)]
struct Times {
    duration: Duration,
    system: SystemTime,
    date: NaiveDate,
    time: NaiveTime,
    local: NaiveDateTime,
    utc: DateTime<Utc>,
    zoned: DateTime<FixedOffset>,
    delta: TimeDelta,
}

#[derive(Debug, Clone, StateType)]
struct Logicals {
    id: Uuid,
    price: Decimal,
    ip: IpAddr,
    socket: SocketAddr,
    range: Range<u32>,
    until: RangeTo<u8>,
    json: serde_json::Value,
}

#[derive(Debug, Clone, StateType)]
struct Tree {
    name: String,
    children: Vec<Tree>,
    next: Option<Box<Tree>>,
}

/// A savepoint whose operator `types` has a value state for each group of types, under the keys `empty` and `full`.
pub(crate) fn types(directory: &Path) {
    let mut operator = Operator::<String>::new("types").unwrap();
    let numbers = operator.value::<Numbers>("numbers").unwrap();
    let texts = operator.value::<Texts>("texts").unwrap();
    let options = operator.value::<Options>("options").unwrap();
    let collections = operator.value::<Collections>("collections").unwrap();
    let enums = operator.value::<Enums>("enums").unwrap();
    let times = operator.value::<Times>("times").unwrap();
    let logicals = operator.value::<Logicals>("logicals").unwrap();
    let trees = operator.value::<Tree>("trees").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();

    let date = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
    let noon = NaiveTime::from_hms_nano_opt(12, 30, 0, 123_456_789).unwrap();
    let utc = NaiveDateTime::new(date(2013, 7, 1), noon).and_utc();
    let leaf = |name: &str| Tree { name: name.to_owned(), children: Vec::new(), next: None };

    state.set_current_key(&"empty".to_owned()).unwrap();
    let small = Numbers {
        a: 0,
        b: i64::MIN,
        wide: 0,
        negative: i128::MIN,
        float: f64::NAN,
        single: -0.5,
        flag: false,
        nonzero: NonZeroU16::MIN,
    };
    numbers.update(&mut state, &small).unwrap();
    let text = String::new();
    texts.update(&mut state, &Texts { letter: ' ', text, bytes: vec![], digest: [0; 3], nothing: () }).unwrap();
    options.update(&mut state, &Options { one: None, two: None, unit: None, record: None }).unwrap();
    let empty = Collections {
        list: vec![],
        pairs: vec![],
        set: BTreeSet::new(),
        map: BTreeMap::new(),
        by_option: BTreeMap::new(),
        array: [0, 0],
        tuple: (0, Name(String::new()), None),
    };
    collections.update(&mut state, &empty).unwrap();
    let point = Enums {
        colour: Colour::Red,
        shape: Shape::Point,
        maybe: None,
        result: Err("no".to_owned()),
        order: std::cmp::Ordering::Less,
    };
    enums.update(&mut state, &point).unwrap();
    let epoch = Times {
        duration: Duration::ZERO,
        system: SystemTime::UNIX_EPOCH,
        date: date(1970, 1, 1),
        time: NaiveTime::MIN,
        local: date(1969, 12, 31).and_time(noon),
        utc: DateTime::UNIX_EPOCH,
        zoned: DateTime::UNIX_EPOCH.fixed_offset(),
        delta: TimeDelta::nanoseconds(-1_500_000_000),
    };
    times.update(&mut state, &epoch).unwrap();
    let nil = Logicals {
        id: Uuid::nil(),
        price: Decimal::ZERO,
        ip: "127.0.0.1".parse().unwrap(),
        socket: "127.0.0.1:80".parse().unwrap(),
        range: 0..0,
        until: ..0,
        json: serde_json::Value::Null,
    };
    logicals.update(&mut state, &nil).unwrap();
    trees.update(&mut state, &leaf("alone")).unwrap();

    state.set_current_key(&"full".to_owned()).unwrap();
    let large = Numbers {
        a: u8::MAX,
        b: i64::MAX,
        wide: u128::MAX,
        negative: -1,
        float: 1e300,
        single: 1.5,
        flag: true,
        nonzero: NonZeroU16::MAX,
    };
    numbers.update(&mut state, &large).unwrap();
    let texts_of = Texts {
        letter: 'é',
        text: "a \"b\"\n\u{1b}[31mc".to_owned(),
        bytes: vec![1, 2],
        digest: [255; 3],
        nothing: (),
    };
    texts.update(&mut state, &texts_of).unwrap();
    let pair = |right: Option<&str>| Pair { left: 1, right: right.map(str::to_owned) };
    let some = Options { one: Some(1), two: Some(None), unit: Some(()), record: Some(pair(None)) };
    options.update(&mut state, &some).unwrap();
    state.set_current_key(&"fuller".to_owned()).unwrap();
    options.update(&mut state, &Options { two: Some(Some(2)), record: Some(pair(Some("r"))), ..some }).unwrap();
    state.set_current_key(&"full".to_owned()).unwrap();
    let full = Collections {
        list: vec![1, 2, 3],
        pairs: vec![pair(None), pair(Some("r"))],
        set: [Name("x".to_owned()), Name("y".to_owned())].into(),
        map: [("one".to_owned(), 1), ("two".to_owned(), 2)].into(),
        by_option: [(None, vec![]), (Some(1), vec![1])].into(),
        array: [-1, 1],
        tuple: (1, Name("n".to_owned()), Some(true)),
    };
    collections.update(&mut state, &full).unwrap();
    let boxed = Shape::Box { width: 2, height: None };
    let drawn = Enums {
        colour: Colour::Green,
        shape: boxed,
        maybe: Some(Shape::Line(-1, 1)),
        result: Ok(7),
        order: std::cmp::Ordering::Equal,
    };
    enums.update(&mut state, &drawn).unwrap();
    state.set_current_key(&"circle".to_owned()).unwrap();
    enums.update(&mut state, &Enums { shape: Shape::Circle(0.5), maybe: Some(Shape::Point), ..drawn }).unwrap();
    state.set_current_key(&"full".to_owned()).unwrap();
    let offset = FixedOffset::east_opt(2 * 3600).unwrap();
    let summer = Times {
        duration: Duration::new(u64::MAX, 999_999_999),
        system: SystemTime::UNIX_EPOCH + Duration::new(1_372_681_800, 123_456_789),
        date: date(9999, 12, 31),
        time: NaiveTime::from_hms_nano_opt(23, 59, 59, 1_500_000_000).unwrap(),
        local: date(2013, 7, 1).and_time(noon),
        utc,
        zoned: utc.with_timezone(&offset),
        delta: TimeDelta::nanoseconds(1),
    };
    times.update(&mut state, &summer).unwrap();
    let logical = Logicals {
        id: Uuid::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef),
        price: "-79228162514264337593543950335".parse().unwrap(),
        ip: "2001:db8::1".parse().unwrap(),
        socket: "[2001:db8::1]:443".parse().unwrap(),
        range: 1..5,
        until: ..9,
        json: serde_json::json!({"a": [1, null]}),
    };
    logicals.update(&mut state, &logical).unwrap();
    state.set_current_key(&"cents".to_owned()).unwrap();
    let cents = Decimal::from_parts(1, 0, 0, false, 28);
    logicals.update(&mut state, &Logicals { price: cents, ..logical }).unwrap();
    state.set_current_key(&"full".to_owned()).unwrap();
    let mut tree = leaf("root");
    tree.children = vec![Tree { children: vec![leaf("grandchild")], ..leaf("child") }, leaf("other")];
    tree.next = Some(Box::new(leaf("next")));
    trees.update(&mut state, &tree).unwrap();
    save(directory, &state);
}

/// A savepoint whose names need quotes, or look like others.
pub(crate) fn names(directory: &Path) {
    let mut first = Operator::<u32>::new("metadata").unwrap();
    let keyed = first.value::<String>("keyed").unwrap();
    let key = first.value::<u8>("key").unwrap();
    let instance = first.value::<u16>("instance").unwrap();
    let mut first = first.open(MemoryBackend::new()).unwrap();
    first.set_current_key(&7).unwrap();
    keyed.update(&mut first, &"::error::a".to_owned()).unwrap();
    key.update(&mut first, &1).unwrap();
    instance.update(&mut first, &9).unwrap();
    let mut second = Operator::<u32>::new("a.b \"c\"; drop\u{1b}[31m\n::error::d").unwrap();
    let hostile = second.value::<String>("Total\u{202e}\u{7}").unwrap();
    let mut second = second.open(MemoryBackend::new()).unwrap();
    second.set_current_key(&7).unwrap();
    hostile.update(&mut second, &"\u{1b}]0;title\u{7}".to_owned()).unwrap();
    Savepoint::create(directory).unwrap().operator(&first).unwrap().operator(&second).unwrap().finish().unwrap();
}

/// A savepoint of several files, with some thousand rows in the states `number` and `words` of the operator `wide`.
pub(crate) fn wide(directory: &Path, files: u32, keys: u32) {
    let mut writer = Savepoint::create(directory).unwrap();
    let max_parallelism = MaxParallelism::new(128).unwrap();
    for instance in 0..files {
        let range = KeyGroupRange::of_instance(max_parallelism, files, instance).unwrap();
        let mut operator = Operator::<u32>::new("wide").unwrap().with_key_groups(range).unwrap();
        let number = operator.value::<u64>("number").unwrap();
        let words = operator.list::<String>("words").unwrap();
        let mut state = operator.open(MemoryBackend::new()).unwrap();
        let mut owner = state.partitioner(files).unwrap();
        for key in (0..keys).filter(|key| owner.instance_of(key).unwrap() == instance) {
            state.set_current_key(&key).unwrap();
            number.update(&mut state, &u64::from(key * 2)).unwrap();
            words.add_all(&mut state, &[format!("word {key}"), "x".repeat(100)]).unwrap();
        }
        writer = writer.operator(&state).unwrap();
    }
    writer.finish().unwrap();
}

/// A savepoint whose operator `empties` has lists of 1,000 elements without bytes, under the keys `a`, `b` and `c`.
pub(crate) fn empties(directory: &Path) {
    let mut operator = Operator::<String>::new("empties").unwrap();
    let lists = operator.value::<Vec<[(); 2]>>("lists").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for key in ["a", "b", "c"] {
        state.set_current_key(&key.to_owned()).unwrap();
        lists.update(&mut state, &vec![[(); 2]; 1000]).unwrap();
    }
    save(directory, &state);
}

fn save(directory: &Path, state: &KeyedStateBackend<String, MemoryBackend>) {
    Savepoint::create(directory).unwrap().operator(state).unwrap().finish().unwrap();
}
