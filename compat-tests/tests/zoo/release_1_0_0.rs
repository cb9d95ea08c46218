//! The zoo in its release 1.0.0.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde_derive::{Deserialize, Serialize};
use typeser::StateType;
use typeser::serializer::{CustomError, CustomSerializer};
use uuid::Uuid;

use crate::list::List;

#[derive(StateType)]
struct Order {
    number: u32,
    customer: Customer,
    lines: Vec<Line>,
    status: Status,
    price: String,
    note: Option<String>,
    weight: f32,
    coupon: String,
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
    shop: u8,
    number: u32,
}

#[derive(StateType)]
enum Event {
    Opened { at: u64 },
    Scanned(u16),
    Noise,
    Closed,
}

#[derive(PartialEq, Eq, Hash, StateType)]
#[state(key)]
struct Place {
    hall: char,
    shelf: u8,
}

#[derive(StateType)]
struct Stock {
    counts: BTreeMap<u8, u16>,
    tags: BTreeSet<String>,
    picture: [u8; 4],
    size: (u8, i8),
}

#[derive(StateType)]
struct Folder {
    name: String,
    files: Vec<File>,
    folders: Vec<Folder>,
}

#[derive(StateType)]
struct File {
    name: String,
    bytes: u32,
}

#[derive(StateType)]
enum Formula {
    Number(i64),
    Named(String),
    Negative(Box<Formula>),
    Sum(Box<Formula>, Box<Formula>),
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
    reading: i16,
    limits: Option<(f32, f32)>,
}

#[derive(StateType)]
struct Settings {
    #[state(serde(name = "preferences", version = 1))]
    preferences: Preferences,
    #[state(with = ThemeText)]
    theme: Theme,
}

#[derive(Serialize, Deserialize)]
struct Preferences {
    language: String,
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
struct Track {
    yards: u32,
}

#[derive(StateType)]
struct Session {
    token: [u8; 4],
    minutes: u16,
}

pub(crate) fn list<L: List>(list: L) -> L {
    list.value("orders", orders())
        .key("orders", vec![Account { shop: 1, number: 7 }, Account { shop: 255, number: u32::MAX }])
        .element("events", vec![Event::Opened { at: 1_700_000_000 }, Event::Scanned(513), Event::Noise, Event::Closed])
        .map_key("stock", vec![Place { hall: 'A', shelf: 3 }, Place { hall: 'ß', shelf: 0 }])
        .value("stock", vec![stock()])
        .value("folders", vec![folder()])
        .value("formulas", vec![formula()])
        .value("sensors", sensors())
        .value("settings", vec![settings()])
        .value("tracks", vec![Track { yards: 1760 }])
        .value("totals", vec![0u16, 1000, u16::MAX])
        .value("limits", vec![7u8])
        .value("sessions", vec![Session { token: *b"\x00\x01\xfe\xff", minutes: 30 }])
}

fn orders() -> Vec<Order> {
    let order = |number, status, note: Option<&str>| Order {
        number,
        customer: Customer { name: "Ada".into(), email: note.map(|_| "ada@example.org".into()) },
        lines: vec![Line { sku: "nail".into(), count: 100 }, Line { sku: "saw".into(), count: 1 }],
        status,
        price: format!("{number}.50"),
        note: note.map(Into::into),
        weight: 0.75,
        coupon: "SPRING".into(),
    };
    vec![
        order(1, Status::Placed, None),
        order(2, Status::Paid(Method::Card), Some("fragile")),
        order(3, Status::Paid(Method::Cash), None),
        order(4, Status::Paid(Method::Cheque), Some("größe: 2 m")),
        order(5, Status::Shipped { carrier: "by bike".into() }, None),
        order(u32::MAX, Status::Lost, None),
    ]
}

fn stock() -> Stock {
    Stock {
        counts: BTreeMap::from([(1, 10), (2, u16::MAX)]),
        tags: BTreeSet::from(["heavy".into(), "long".into()]),
        picture: [0x89, b'P', b'N', b'G'],
        size: (20, -3),
    }
}

fn folder() -> Folder {
    let file = |name: &str, bytes| File { name: name.into(), bytes };
    let inner =
        Folder { name: "src".into(), files: vec![file("lib.rs", 1000), file("main.rs", 0)], folders: Vec::new() };
    Folder { name: "/".into(), files: vec![file("README", u32::MAX)], folders: vec![inner] }
}

fn formula() -> Formula {
    let number = |number| Box::new(Formula::Number(number));
    let product = Formula::Negative(Box::new(Formula::Sum(number(i64::MIN), number(2))));
    Formula::Sum(Box::new(product), Box::new(Formula::Named("x".into())))
}

fn sensors() -> Vec<Sensor> {
    let sensor = |address, limits| Sensor {
        id: Uuid::from_bytes([7; 16]),
        at: DateTime::from_timestamp(1_700_000_000, 123_456_789).unwrap(),
        day: NaiveDate::from_ymd_opt(2026, 2, 28).unwrap(),
        every: Duration::from_millis(1500),
        address,
        price: Decimal::new(1995, 2),
        serial: NonZeroU32::new(4711).unwrap(),
        unit: '°',
        reading: -40,
        limits,
    };
    vec![sensor(Ipv4Addr::LOCALHOST.into(), None), sensor(Ipv6Addr::LOCALHOST.into(), Some((-0.5, 99.5)))]
}

fn settings() -> Settings {
    Settings { preferences: Preferences { language: "de".into() }, theme: Theme { is_dark: true } }
}
