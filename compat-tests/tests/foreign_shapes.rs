//! Thirty shapes of state with foreign types in them, stored field by field: each is written and read back under both
//! encodings, its layout is recorded, and it evolves once.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

#[path = "foreign_shapes/crates.rs"]
mod crates;
mod support;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ffi::OsString;
use std::fmt::Debug;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use compat_tests::evolution::expect;
use crates::{
    Access, Amount, BigDecimal, Bitmap, Bounds, Cidr, Digest, Epoch, Hostname, Level, Media, Millis, NonEmpty, Outcome,
    Pattern, PeerId, Place, PublicKey, QuickHasher, QuickMap, QuickSet, Quota, Release, Slot, Symbol, Tree, Url, Zone,
};
use rust_decimal::Decimal;
use support::{laws, serializer};
use typeser::resolve::Compatibility::{self, AfterReconfigure, Compatible, RequiresMigration};
use typeser::schema::IntegerEncoding::Fixed;
use typeser::{StateType, TypeSerializer};
use uuid::Uuid;

/// Each row is a shape: the verdict and the rules of its evolution, then its fields and a value before and after.
macro_rules! shapes {
    ($($name:ident: $verdict:ident $rules:tt
        { $($was:tt)* } = { $($old:tt)* };
        { $($is:tt)* } = { $($new:tt)* };
    )*) => {
        mod rows {
            use super::*;
            $(pub(super) fn $name() -> String {
                #[derive(Debug, PartialEq, StateType)]
                #[state(name = "Shape")]
                struct Was { $($was)* }

                #[derive(Debug, PartialEq, StateType)]
                #[state(name = "Shape")]
                struct Is { $($is)* }

                check($verdict, &$rules, Was { $($old)* }, Is { $($new)* })
            })*
        }

        $(
            #[test]
            fn $name() {
                rows::$name();
            }
        )*

        #[test]
        fn the_layouts_are_stable() {
            let layouts = [$((stringify!($name), rows::$name())),*];
            assert_eq!(layouts.len(), 30);
            assert!(layouts.iter().all(|(_, layout)| !layout.contains("opaque")), "each is stored field by field");
            let text: Vec<String> = layouts.iter().map(|(name, layout)| format!("# {name}\n{layout}")).collect();
            insta::assert_snapshot!(text.join("\n"));
        }
    };
}

/// Checks the round trip of both values and the evolution from one to the other. Returns the layout of the first.
fn check<Was, Is>(verdict: Compatibility, rules: &[&str], was: Was, is: Is) -> String
where
    Was: StateType + PartialEq + Debug,
    Is: StateType + PartialEq + Debug,
{
    laws(&was);
    laws(&is);
    expect(verdict, rules).check(&[(was, is)]);
    let text = serializer::<Was>(Fixed).snapshot().to_text();
    text.split_once("\nroot Shape\n\n").unwrap().1.to_owned()
}

/// The value of a text.
fn t<T: std::str::FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn place(latitude: f64) -> Place {
    Place { latitude, longitude: 9.5 }
}

fn peer_of(text: String) -> Result<PeerId, String> {
    text.parse()
}

fn seconds(millis: i64) -> f64 {
    millis as f64 / 1_000.0
}

fn pattern_text(pattern: &Pattern) -> String {
    pattern.as_str().to_owned()
}

fn pattern(text: String) -> Result<Pattern, String> {
    Pattern::new(&text)
}

fn quota_parts(quota: &Quota) -> QuotaParts {
    QuotaParts { per_second: quota.per_second(), burst: quota.burst() }
}

fn quota(parts: QuotaParts) -> Quota {
    Quota::new(parts.per_second, parts.burst)
}

#[derive(StateType)]
#[state(name = "Quota")]
struct QuotaParts {
    per_second: u32,
    burst: Option<u32>,
}

#[derive(StateType)]
#[state(name = "Place", remote = "Place")]
struct PlaceMirror {
    latitude: f64,
    longitude: f64,
}

/// The mirror after a field of it was given another name and the next another order.
#[derive(StateType)]
#[state(name = "Place", remote = "Place")]
struct LaterPlace {
    #[state(name = "east", alias = "longitude")]
    longitude: f64,
    latitude: f64,
}

#[derive(StateType)]
#[state(name = "Bounds", remote = "Bounds")]
struct BoundsMirror(#[state(as = PlaceMirror)] Place, #[state(as = PlaceMirror)] Place);

#[derive(StateType)]
#[state(name = "Outcome", remote = "Outcome<T>")]
enum OutcomeMirror<T> {
    Waiting,
    Done(T),
    Failed { code: i32, reason: String },
}

#[derive(StateType)]
#[state(name = "Tree", remote = "Tree")]
struct TreeMirror {
    #[state(text)]
    name: Symbol,
    #[state(as = Vec<TreeMirror>)]
    children: Vec<Tree>,
}

shapes! {
    // Identifiers and interned strings.
    interned_names: RequiresMigration ["field-added"]
        { #[state(text)] name: Symbol, #[state(text)] parents: Vec<Symbol> }
            = { name: t("a"), parents: vec![t("b"), t("")] };
        { #[state(text)] name: Symbol, #[state(text)] parents: Vec<Symbol>, #[state(text, default = t("none"))] kind: Symbol }
            = { name: t("a"), parents: vec![t("b"), t("")], kind: t("none") };
    peers_by_id: RequiresMigration ["field-added", "integer-widened"]
        { #[state(text)] peers: HashMap<PeerId, u32> } = { peers: [(t("Qm12"), 7)].into() };
        { #[state(text)] peers: HashMap<PeerId, u64>, #[state(text, default)] banned: Vec<PeerId> }
            = { peers: [(t("Qm12"), 7)].into(), banned: vec![] };
    optional_address: AfterReconfigure ["field-renamed", "fields-reordered"]
        { #[state(text)] home: Option<Url>, visits: u8 } = { home: Some(t("https://a.example")), visits: 3 };
        { visits: u8, #[state(text, alias = "home")] start: Option<Url> }
            = { visits: 3, start: Some(t("https://a.example")) };
    versions_of_packages: RequiresMigration ["set-to-list"]
        { #[state(text)] installed: std::collections::BTreeSet<Release> } = { installed: [t("1.2"), t("1.10")].into() };
        { #[state(text)] installed: Vec<Release> } = { installed: vec![t("1.2"), t("1.10")] };
    levels_by_host: RequiresMigration ["wrapped-in-option"]
        { #[state(text(Hostname, Level))] levels: BTreeMap<Hostname, Level> } = { levels: [(t("db1"), Level::Error)].into() };
        { #[state(text(Hostname, Level))] levels: BTreeMap<Hostname, Option<Level>> }
            = { levels: [(t("db1"), Some(Level::Error))].into() };
    allowed_networks: RequiresMigration ["array-to-list"]
        { #[state(text)] allowed: [Cidr; 2] } = { allowed: [t("10.0.0.0/8"), t("::1/128")] };
        { #[state(text)] allowed: VecDeque<Cidr> } = { allowed: [t("10.0.0.0/8"), t("::1/128")].into() };
    text_that_was_a_string: RequiresMigration ["field-converted"]
        { peer: String } = { peer: "Qm12".to_owned() };
        { #[state(text, convert(String, with = peer_of))] peer: PeerId } = { peer: t("Qm12") };

    // Decimals, times, uuids.
    prices: RequiresMigration ["field-added"]
        { price: Decimal, #[state(text)] rate: BigDecimal } = { price: Decimal::new(1999, 2), rate: t("0.0725") };
        { price: Decimal, #[state(text)] rate: BigDecimal, #[state(default)] discount: Option<Decimal> }
            = { price: Decimal::new(1999, 2), rate: t("0.0725"), discount: None };
    sessions: RequiresMigration ["option-field-added"]
        { id: Uuid, since: DateTime<Utc>, #[state(text)] zone: Zone }
            = { id: Uuid::from_u128(7), since: DateTime::UNIX_EPOCH, zone: t("Europe/Berlin") };
        { id: Uuid, since: DateTime<Utc>, #[state(text)] zone: Zone, until: Option<DateTime<Utc>> }
            = { id: Uuid::from_u128(7), since: DateTime::UNIX_EPOCH, zone: t("Europe/Berlin"), until: None };
    deadlines: RequiresMigration ["field-converted"]
        { #[state(as = i64)] left: Millis, #[state(as = Vec<i64>)] laps: Vec<Millis> }
            = { left: 1_500.into(), laps: vec![10.into()] };
        { #[state(convert(i64, with = seconds))] left: f64, #[state(as = Vec<i64>)] laps: Vec<Millis> }
            = { left: 1.5, laps: vec![10.into()] };

    // Newtypes around integers.
    chain_head: RequiresMigration ["integer-widened"]
        { #[state(as = u64)] slot: Slot, #[state(as = u32)] epoch: Epoch } = { slot: 9.into(), epoch: 2.into() };
        { #[state(as = u64)] slot: Slot, epoch: u64 } = { slot: 9.into(), epoch: 2 };
    balances: RequiresMigration ["field-added"]
        { #[state(as = BTreeMap<u64, u128>)] of: BTreeMap<Slot, Amount> } = { of: [(1.into(), 5.into())].into() };
        { #[state(as = BTreeMap<u64, u128>)] of: BTreeMap<Slot, Amount>, #[state(as = u128, default)] total: Amount }
            = { of: [(1.into(), 5.into())].into(), total: 0.into() };
    parent_slot: RequiresMigration ["none-replaced"]
        { #[state(as = Option<u64>)] parent: Option<Slot> } = { parent: None };
        { #[state(as = u64, none = Slot::default())] parent: Slot } = { parent: 0.into() };

    // Hashes, keys of cryptography, bytes.
    blocks: RequiresMigration ["array-to-list"]
        { #[state(as = [u8; 32])] hash: Digest, body: Bytes } = { hash: [7; 32].into(), body: Bytes::from_static(b"ab") };
        { hash: Vec<u8>, body: Bytes } = { hash: vec![7; 32], body: Bytes::from_static(b"ab") };
    validators: AfterReconfigure ["fields-reordered"]
        { #[state(as([u8; 4], into = PublicKey::to_bytes, from = PublicKey::from_bytes))] key: PublicKey, weight: u16 }
            = { key: PublicKey::from_bytes([2, 1, 1, 1]).unwrap(), weight: 3 };
        { weight: u16, #[state(as([u8; 4], into = PublicKey::to_bytes, from = PublicKey::from_bytes))] key: PublicKey }
            = { weight: 3, key: PublicKey::from_bytes([2, 1, 1, 1]).unwrap() };
    merkle_path: RequiresMigration ["wrapped-in-option"]
        { #[state(as = Vec<[u8; 32]>)] path: Vec<Digest> } = { path: vec![[1; 32].into()] };
        { #[state(as = Vec<Option<[u8; 32]>>)] path: Vec<Option<Digest>> } = { path: vec![Some([1; 32].into())] };

    // Bit flags, sets of bits, compiled values.
    permissions: RequiresMigration ["integer-widened"]
        { #[state(as(u8, into = Access::bits, from = Access::from_bits))] access: Access } = { access: Access::WRITE };
        { access: u32 } = { access: 2 };
    permissions_by_user: RequiresMigration ["field-added"]
        { #[state(as(HashMap<_, u8>, into = Access::bits, from = Access::from_bits))] of: HashMap<String, Access> }
            = { of: [("ann".to_owned(), Access::READ)].into() };
        { #[state(as(HashMap<_, u8>, into = Access::bits, from = Access::from_bits))] of: HashMap<String, Access>,
          #[state(as(u8, into = Access::bits, from = Access::from_bits), default = Access::READ)] others: Access }
            = { of: [("ann".to_owned(), Access::READ)].into(), others: Access::READ };
    matching_rows: RequiresMigration ["integer-widened"]
        { #[state(as(Vec<u32>, into = Bitmap::to_vec, from = Bitmap::from_sorted))] rows: Bitmap }
            = { rows: Bitmap::from_sorted(vec![3, 17]) };
        { rows: Vec<u64> } = { rows: vec![3, 17] };
    filters: Compatible ["field-renamed"]
        { #[state(as(Vec<String>, into = pattern_text, from = pattern))] deny: Vec<Pattern> }
            = { deny: vec![Pattern::new("a.*").unwrap()] };
        { #[state(as(Vec<String>, into = pattern_text, from = pattern), alias = "deny")] refused: Vec<Pattern> }
            = { refused: vec![Pattern::new("a.*").unwrap()] };
    never_empty: RequiresMigration ["integer-widened"]
        { #[state(as = Vec<u16>)] shards: NonEmpty<u16> } = { shards: vec![1, 2].try_into().unwrap() };
        { #[state(as = Vec<u64>)] shards: NonEmpty<u64> } = { shards: vec![1, 2].try_into().unwrap() };
    limits: RequiresMigration ["field-added"]
        { #[state(as(QuotaParts, into = quota_parts, from = quota))] quota: Quota } = { quota: Quota::new(5, None) };
        { #[state(as(QuotaParts, into = quota_parts, from = quota))] quota: Quota, #[state(default)] used: u32 }
            = { quota: Quota::new(5, None), used: 0 };

    // Structs and enums of other crates.
    trips: AfterReconfigure ["field-renamed", "fields-reordered"]
        { #[state(as = Vec<PlaceMirror>)] stops: Vec<Place> } = { stops: vec![place(1.0), place(2.0)] };
        { #[state(as = Vec<LaterPlace>)] stops: Vec<Place> } = { stops: vec![place(1.0), place(2.0)] };
    viewports: RequiresMigration ["wrapped-in-option"]
        { #[state(as = BoundsMirror)] shown: Bounds } = { shown: Bounds(place(1.0), place(2.0)) };
        { #[state(as = Option<BoundsMirror>)] shown: Option<Bounds> } = { shown: Some(Bounds(place(1.0), place(2.0))) };
    jobs: RequiresMigration ["integer-widened"]
        { #[state(as = BTreeMap<_, OutcomeMirror<u32>>)] jobs: BTreeMap<u8, Outcome<u32>> }
            = { jobs: [(1, Outcome::Done(7)), (2, Outcome::Waiting)].into() };
        { #[state(as = BTreeMap<_, OutcomeMirror<u64>>)] jobs: BTreeMap<u8, Outcome<u64>> }
            = { jobs: [(1, Outcome::Done(7)), (2, Outcome::Waiting)].into() };
    name_spaces: RequiresMigration ["field-added"]
        { #[state(as = TreeMirror)] root: Tree }
            = { root: Tree { name: t("a"), children: vec![Tree { name: t("b"), children: vec![] }] } };
        { #[state(as = TreeMirror)] root: Tree, #[state(default)] depth: u8 }
            = { root: Tree { name: t("a"), children: vec![Tree { name: t("b"), children: vec![] }] }, depth: 0 };

    // JSON, maps with other hashers, shared strings, strings of the operating system.
    documents: RequiresMigration ["option-field-added"]
        { id: Arc<str>, body: serde_json::Value, #[state(text)] kind: Media }
            = { id: "a".into(), body: serde_json::json!({ "rows": [1, null] }), kind: t("text/plain") };
        { id: Arc<str>, body: serde_json::Value, #[state(text)] kind: Media, meta: Option<serde_json::Value> }
            = { id: "a".into(), body: serde_json::json!({ "rows": [1, null] }), kind: t("text/plain"), meta: None };
    quick_maps: RequiresMigration ["integer-widened", "set-to-list"]
        { counts: HashMap<String, u32, QuickHasher>, seen: QuickSet<u8>, #[state(text(PeerId))] peers: QuickMap<PeerId, bool> }
            = { counts: [("a".to_owned(), 1)].into_iter().collect(), seen: [4].into_iter().collect(),
                peers: [(t("Qm12"), true)].into_iter().collect() };
        { counts: QuickMap<String, u64>, seen: Vec<u8>, #[state(text(PeerId))] peers: BTreeMap<PeerId, bool> }
            = { counts: [("a".to_owned(), 1)].into_iter().collect(), seen: vec![4], peers: [(t("Qm12"), true)].into() };
    shared_strings: Compatible []
        { name: Cow<'static, str>, path: Box<str>, home: OsString } = { name: "a".into(), path: "b".into(), home: "c".into() };
        { name: String, path: Arc<str>, home: String } = { name: "a".into(), path: "b".into(), home: "c".into() };
    counters: RequiresMigration ["integer-widened"]
        { requests: Counter, #[state(text)] server: Hostname }
            = { requests: Counter(7.into()), server: t("web1") };
        { requests: LaterCounter, #[state(text)] server: Hostname }
            = { requests: LaterCounter(7.into()), server: t("web1") };
}

/// A count that threads share.
#[derive(Debug, StateType)]
struct Counter(std::sync::atomic::AtomicU32);

impl PartialEq for Counter {
    fn eq(&self, other: &Self) -> bool {
        let load = |counter: &Self| counter.0.load(std::sync::atomic::Ordering::Relaxed);
        load(self) == load(other)
    }
}

#[derive(Debug, StateType)]
#[state(name = "Counter")]
struct LaterCounter(std::sync::Mutex<u64>);

impl PartialEq for LaterCounter {
    fn eq(&self, other: &Self) -> bool {
        let value = |counter: &Self| *counter.0.lock().unwrap();
        value(self) == value(other)
    }
}
