//! The zoo in its release 2.0.0: renamed, reordered and removed, options filled, a state retired.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
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
    status: Status,
    number: u64,
    #[state(alias = "customer")]
    buyer: Customer,
    lines: Vec<Line>,
    #[state(convert(String, with = cents))]
    price: u64,
    #[state(none = String::new())]
    note: String,
    weight: f64,
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
    phone: Option<String>,
}

#[derive(StateType)]
struct Line {
    #[state(alias = "sku")]
    article: String,
    count: u32,
    #[state(default)]
    discount: u8,
}

#[derive(StateType)]
#[state(removed("Lost", becomes = Status::Returned { reason: "lost".to_owned(), at: 0 }))]
enum Status {
    Returned { reason: String, at: u64 },
    Placed,
    Paid(Method),
    Shipped { carrier: String },
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
    number: u32,
    #[state(alias = "shop")]
    branch: u8,
}

#[derive(StateType)]
#[state(removed("Noise", becomes = Event::Unknown))]
enum Event {
    Unknown,
    Scanned(u16),
    Opened {
        at: u64,
    },
    #[state(alias = "Closed")]
    Shut,
    Paused {
        reason: String,
    },
}

#[derive(PartialEq, Eq, Hash, StateType)]
#[state(key, alias = "Place")]
struct Shelf {
    hall: char,
    #[state(alias = "shelf")]
    number: u8,
}

#[derive(StateType)]
struct Stock {
    counts: BTreeMap<u16, u32>,
    tags: Vec<String>,
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
    link: Option<Box<Folder>>,
}

#[derive(StateType)]
struct File {
    name: String,
    bytes: u64,
}

#[derive(StateType)]
enum Formula {
    #[state(alias = "Number")]
    Literal(i128),
    Named(String),
    Negative(Box<Formula>),
    Sum(Box<Formula>, Box<Formula>),
    Call {
        name: String,
        arguments: Vec<Formula>,
    },
}

#[derive(StateType)]
struct Sensor {
    id: Uuid,
    at: DateTime<Utc>,
    day: NaiveDate,
    every: Duration,
    address: IpAddr,
    price: Decimal,
    serial: u32,
    unit: String,
    reading: i32,
    #[state(none = (0.0, 1.0))]
    limits: (f64, f64),
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

/// Version 1 had no contrast; its text is read unchanged.
struct Theme {
    is_dark: bool,
    is_contrasting: bool,
}

struct ThemeText;

impl CustomSerializer for ThemeText {
    type Value = Theme;
    const NAME: &'static str = "theme-text";
    const VERSION: u32 = 2;
    const READS: &'static [u32] = &[1];

    fn write(theme: &Theme, to: &mut Vec<u8>) -> Result<(), CustomError> {
        to.extend_from_slice(if theme.is_dark { b"dark" } else { b"light" });
        to.extend_from_slice(if theme.is_contrasting { b"!" } else { b"" });
        Ok(())
    }

    fn read(from: &[u8]) -> Result<Theme, CustomError> {
        match from {
            b"dark" => Ok(Theme { is_dark: true, is_contrasting: false }),
            b"dark!" => Ok(Theme { is_dark: true, is_contrasting: true }),
            b"light" => Ok(Theme { is_dark: false, is_contrasting: false }),
            b"light!" => Ok(Theme { is_dark: false, is_contrasting: true }),
            _ => Err("neither dark nor light".into()),
        }
    }
}

#[derive(StateType)]
#[state(version = 3, migrate(1 => in_metres, 2 => named))]
struct Track {
    metres: f64,
    name: String,
}

#[derive(StateType)]
#[state(name = "Track", version = 2)]
struct Track2 {
    metres: f64,
}

#[derive(StateType)]
#[state(name = "Track")]
struct Track1 {
    yards: u32,
}

fn in_metres(old: Track1) -> Track2 {
    Track2 { metres: f64::from(old.yards) * 0.9144 }
}

fn named(old: Track2) -> Track {
    Track { name: format!("{:.0} m", old.metres), metres: old.metres }
}

#[derive(StateType)]
struct Rated<T> {
    item: T,
    stars: Stars,
}

#[derive(StateType)]
#[state(transparent)]
struct Stars(u8);

pub(crate) fn list<L: List>(list: L) -> L {
    list.value("orders", orders())
        .key("orders", vec![Account { branch: 1, number: 7 }, Account { branch: 255, number: u32::MAX }])
        .element("events", events())
        .map_key("stock", vec![Shelf { hall: 'A', number: 3 }, Shelf { hall: 'ß', number: 0 }])
        .value("stock", vec![stock()])
        .value("folders", vec![folder()])
        .value("formulas", vec![formula()])
        .value("sensors", sensors())
        .value("settings", vec![settings()])
        .value("tracks", vec![Track { metres: 1609.344, name: "mile".into() }])
        .value("totals", vec![0u64, 1000, u64::MAX])
        .value("limits", vec![None, Some(70_000u32)])
        .value("reviews", vec![Rated { item: "saw".to_owned(), stars: Stars(5) }])
        .retired("sessions", "sessions are rebuilt from the log on start")
}

fn orders() -> Vec<Order> {
    let order = |number, status, phone: Option<&str>| Order {
        status,
        number,
        buyer: Customer {
            name: "Linus".into(),
            email: phone.map(|_| "linus@example.org".into()),
            phone: phone.map(Into::into),
        },
        lines: vec![Line { article: "glue".into(), count: 70_000, discount: 5 }],
        price: 1950,
        note: "by the door".into(),
        weight: 0.1,
        priority: 2,
    };
    let returned = Status::Returned { reason: "too long".into(), at: 1_700_000_000 };
    vec![
        order(1, Status::Placed, None),
        order(2, Status::Paid(Method::Card), Some("+41 44 000 00 00")),
        order(3, Status::Paid(Method::Cash), None),
        order(4, Status::Paid(Method::Cheque), None),
        order(5, Status::Shipped { carrier: "by ship".into() }, None),
        order(u64::MAX, returned, None),
    ]
}

fn events() -> Vec<Event> {
    let paused = Event::Paused { reason: "lunch".into() };
    vec![Event::Unknown, Event::Opened { at: 1_700_000_000 }, Event::Scanned(513), Event::Shut, paused]
}

fn stock() -> Stock {
    Stock {
        counts: BTreeMap::from([(1, 10), (300, u32::MAX)]),
        tags: vec!["long".into(), "heavy".into(), "long".into()],
        picture: b"\x89PNG\r\n".to_vec(),
        size: (20, -3),
    }
}

fn folder() -> Folder {
    let file = |name: &str, bytes| File { name: name.into(), bytes };
    let empty =
        |name: &str| Folder { name: name.into(), files: Vec::new(), folders: Vec::new(), hidden: false, link: None };
    let inner = Folder { files: vec![file("lib.rs", 1000)], link: Some(Box::new(empty("other"))), ..empty("src") };
    Folder { files: vec![file("README", u64::MAX)], folders: vec![inner], ..empty("/") }
}

fn formula() -> Formula {
    let number = |number| Box::new(Formula::Literal(number));
    let product = Formula::Negative(Box::new(Formula::Sum(number(i128::MIN), number(2))));
    let call = Formula::Call { name: "sin".into(), arguments: vec![Formula::Named("x".into()), product] };
    Formula::Sum(Box::new(call), number(1))
}

fn sensors() -> Vec<Sensor> {
    let sensor = |address, ratio: Option<f32>| Sensor {
        id: Uuid::from_bytes([7; 16]),
        at: DateTime::from_timestamp(1_700_000_000, 123_456_789).unwrap(),
        day: NaiveDate::from_ymd_opt(2026, 2, 28).unwrap(),
        every: Duration::from_millis(1500),
        address,
        price: Decimal::new(1995, 2),
        serial: 0,
        unit: "°C".into(),
        reading: -40_000,
        limits: (-0.1, 99.9),
        ratio: ratio.map(|ratio| NotNan::new(ratio).unwrap()),
    };
    vec![sensor(Ipv4Addr::LOCALHOST.into(), Some(0.1)), sensor(Ipv6Addr::LOCALHOST.into(), None)]
}

fn settings() -> Settings {
    let theme = Theme { is_dark: true, is_contrasting: true };
    Settings { preferences: Preferences { language: "de".into(), zone: 1 }, theme }
}
