//! The zoo in its release 1.1.0: wider numbers, new fields and variants, a price as a number.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use ordered_float::NotNan;
use rust_decimal::Decimal;
use serde_derive::{Deserialize, Serialize};
use typeser::StateType;
use typeser::serializer::{CustomError, CustomSerializer};
use uuid::Uuid;

use crate::list::List;

#[derive(StateType)]
#[state(removed("coupon"))]
struct Order {
    number: u64,
    customer: Customer,
    lines: Vec<Line>,
    status: Status,
    #[state(convert(String, with = cents))]
    price: u64,
    note: Option<String>,
    weight: f32,
    #[state(default = 1)]
    priority: u8,
}

fn cents(price: String) -> Result<u64, std::num::ParseIntError> {
    price.replace('.', "").parse()
}

#[derive(StateType)]
struct Customer {
    name: String,
    email: Option<String>,
}

#[derive(StateType)]
struct Line {
    sku: String,
    count: u16,
}

#[derive(StateType)]
enum Status {
    Placed,
    Paid(Method),
    Shipped { carrier: String },
    Lost,
    Returned { reason: String, at: u64 },
}

#[derive(StateType)]
enum Method {
    Card,
    Cash,
    Cheque,
}

#[derive(PartialEq, Eq, Hash, StateType)]
#[state(key)]
struct Account {
    #[state(alias = "shop")]
    branch: u8,
    number: u32,
}

#[derive(StateType)]
enum Event {
    Opened {
        at: u64,
    },
    Scanned(u16),
    Noise,
    #[state(alias = "Closed")]
    Shut,
    Paused {
        reason: String,
    },
}

#[derive(PartialEq, Eq, Hash, StateType)]
#[state(key)]
struct Place {
    hall: char,
    shelf: u8,
}

#[derive(StateType)]
struct Stock {
    counts: BTreeMap<u8, u32>,
    tags: BTreeSet<String>,
    picture: Vec<u8>,
    size: (u8, i8),
}

#[derive(StateType)]
struct Folder {
    name: String,
    files: Vec<File>,
    folders: Vec<Folder>,
    #[state(default)]
    hidden: bool,
}

#[derive(StateType)]
struct File {
    name: String,
    bytes: u64,
}

#[derive(StateType)]
enum Formula {
    Number(i64),
    Named(String),
    Negative(Box<Formula>),
    Sum(Box<Formula>, Box<Formula>),
    Call { name: String, arguments: Vec<Formula> },
}

#[derive(StateType)]
struct Sensor {
    id: Uuid,
    at: DateTime<Utc>,
    day: NaiveDate,
    every: Duration,
    address: IpAddr,
    price: Decimal,
    serial: NonZeroU32,
    unit: char,
    reading: i32,
    limits: Option<(f32, f32)>,
    ratio: Option<NotNan<f32>>,
}

#[derive(StateType)]
struct Settings {
    #[state(serde(name = "preferences", version = 2, migrate(1 => with_zone)))]
    preferences: Preferences,
    #[state(with = ThemeText)]
    theme: Theme,
}

#[derive(Serialize, Deserialize)]
struct Preferences {
    language: String,
    zone: i8,
}

#[derive(Serialize, Deserialize)]
struct Preferences1 {
    language: String,
}

fn with_zone(old: Preferences1) -> Preferences {
    Preferences { language: old.language, zone: 0 }
}

struct Theme {
    is_dark: bool,
}

struct ThemeText;

impl CustomSerializer for ThemeText {
    type Value = Theme;
    const NAME: &'static str = "theme-text";
    const VERSION: u32 = 1;

    fn write(theme: &Theme, to: &mut Vec<u8>) -> Result<(), CustomError> {
        to.extend_from_slice(if theme.is_dark { b"dark" } else { b"light" });
        Ok(())
    }

    fn read(from: &[u8]) -> Result<Theme, CustomError> {
        match from {
            b"dark" => Ok(Theme { is_dark: true }),
            b"light" => Ok(Theme { is_dark: false }),
            _ => Err("neither dark nor light".into()),
        }
    }
}

#[derive(StateType)]
#[state(version = 2, migrate(1 => in_metres))]
struct Track {
    metres: f64,
}

#[derive(StateType)]
#[state(name = "Track")]
struct Track1 {
    yards: u32,
}

fn in_metres(old: Track1) -> Track {
    Track { metres: f64::from(old.yards) * 0.9144 }
}

#[derive(StateType)]
struct Session {
    token: [u8; 4],
    minutes: u32,
}

#[derive(StateType)]
struct Rated<T> {
    item: T,
    stars: u8,
}

pub(crate) fn list<L: List>(list: L) -> L {
    list.value("orders", orders())
        .key("orders", vec![Account { branch: 1, number: 7 }, Account { branch: 255, number: u32::MAX }])
        .element("events", events())
        .map_key("stock", vec![Place { hall: 'A', shelf: 3 }, Place { hall: 'ß', shelf: 0 }])
        .value("stock", vec![stock()])
        .value("folders", vec![folder()])
        .value("formulas", vec![formula()])
        .value("sensors", sensors())
        .value("settings", vec![settings()])
        .value("tracks", vec![Track { metres: 1609.344 }])
        .value("totals", vec![0u32, 1000, u32::MAX])
        .value("limits", vec![None, Some(300u16)])
        .value("sessions", vec![Session { token: *b"\x00\x01\xfe\xff", minutes: 100_000 }])
        .value("reviews", vec![Rated { item: "saw".to_owned(), stars: 5 }])
}

fn orders() -> Vec<Order> {
    let order = |number, status, note: Option<&str>| Order {
        number,
        customer: Customer { name: "Grace".into(), email: note.map(|_| "grace@example.org".into()) },
        lines: vec![Line { sku: "screw".into(), count: 500 }],
        status,
        price: 1950,
        note: note.map(Into::into),
        weight: 1.25,
        priority: 3,
    };
    let returned = Status::Returned { reason: "too long".into(), at: 1_700_000_000 };
    vec![
        order(1, Status::Placed, None),
        order(2, Status::Paid(Method::Card), Some("fragile")),
        order(3, Status::Paid(Method::Cash), None),
        order(4, Status::Paid(Method::Cheque), None),
        order(5, Status::Shipped { carrier: "by train".into() }, None),
        order(6, Status::Lost, None),
        order(u64::MAX, returned, None),
    ]
}

fn events() -> Vec<Event> {
    let paused = Event::Paused { reason: "lunch".into() };
    vec![Event::Opened { at: 1_700_000_000 }, Event::Scanned(513), Event::Noise, Event::Shut, paused]
}

fn stock() -> Stock {
    Stock {
        counts: BTreeMap::from([(1, 10), (2, u32::MAX)]),
        tags: BTreeSet::from(["heavy".into(), "long".into()]),
        picture: b"\x89PNG\r\n".to_vec(),
        size: (20, -3),
    }
}

fn folder() -> Folder {
    let file = |name: &str, bytes| File { name: name.into(), bytes };
    let files = vec![file("lib.rs", 1000), file("main.rs", 0)];
    let inner = Folder { name: "src".into(), files, folders: Vec::new(), hidden: true };
    Folder { name: "/".into(), files: vec![file("README", u64::MAX)], folders: vec![inner], hidden: false }
}

fn formula() -> Formula {
    let number = |number| Box::new(Formula::Number(number));
    let product = Formula::Negative(Box::new(Formula::Sum(number(i64::MIN), number(2))));
    let call = Formula::Call { name: "sin".into(), arguments: vec![Formula::Named("x".into()), product] };
    Formula::Sum(Box::new(call), number(1))
}

fn sensors() -> Vec<Sensor> {
    let sensor = |address, limits, ratio: Option<f32>| Sensor {
        id: Uuid::from_bytes([7; 16]),
        at: DateTime::from_timestamp(1_700_000_000, 123_456_789).unwrap(),
        day: NaiveDate::from_ymd_opt(2026, 2, 28).unwrap(),
        every: Duration::from_millis(1500),
        address,
        price: Decimal::new(1995, 2),
        serial: NonZeroU32::new(4711).unwrap(),
        unit: '°',
        reading: -40_000,
        limits,
        ratio: ratio.map(|ratio| NotNan::new(ratio).unwrap()),
    };
    vec![
        sensor(Ipv4Addr::LOCALHOST.into(), None, Some(0.1)),
        sensor(Ipv6Addr::LOCALHOST.into(), Some((-0.5, 99.5)), None),
    ]
}

fn settings() -> Settings {
    Settings { preferences: Preferences { language: "de".into(), zone: 1 }, theme: Theme { is_dark: true } }
}
