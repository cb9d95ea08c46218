//! What is stored beside typed tables: a record a table, one for a migration that has not come to its end, and one for
//! each table of a release that is kept.
//!
//! They lie in the table [`TABLE`], under a byte that says which it is and the name of the table.
//! `docs/typed-tables.md` draws them.

use typeser::SerializerSnapshot;
use typeser::schema::Limits;
use typeser::snapshot::WriteSnapshotError;
use typeser::wire::checksum;
use xxhash_rust::xxh3::xxh3_64;

use super::error::TableError;
use crate::backend::{Backend, BackendError, Table};

/// The table of the records.
pub(super) const TABLE: &str = "typeser.typed-tables";
/// What the name of a table with migrated rows begins with, until it takes the place of the other.
const SHADOW: &str = "typeser.shadow.";
/// The version of the records.
const VERSION: u16 = 1;
/// The version of the record of a table that has rows of earlier releases. Releases that know no such tables refuse it.
const WITH_OLDER: u16 = 2;
/// The version of the record of a table that has indexes, which releases that know none would not maintain: they refuse
/// it.
const WITH_INDEXES: u16 = 3;
/// Whether an index has one row for each indexed part.
const UNIQUE: u8 = 1;

/// What wrote the rows of a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    /// Counts up whenever the rows are rewritten, so that a handle from before notices.
    pub(super) generation: u64,
    pub(super) key: SerializerSnapshot,
    pub(super) value: SerializerSnapshot,
    /// The rows that are not migrated yet, newest first.
    pub(super) older: Vec<OlderRows>,
    /// The indexes, by name. A table has none while it has older rows.
    pub(super) indexes: Vec<IndexRecord>,
}

/// What wrote the entries of an index.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct IndexRecord {
    pub(super) name: String,
    /// That of the function, which the program counts up.
    pub(super) version: u32,
    pub(super) unique: bool,
    /// The indexed parts, in ordered form.
    pub(super) part: SerializerSnapshot,
}

/// The rows of earlier releases, in a table beside that of today's. Their keys are stored as today's are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OlderRows {
    /// The generation of the table whose rows they were: a part of the name of their table.
    pub(super) generation: u64,
    pub(super) value: SerializerSnapshot,
}

/// The table that a release left, and what was made of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Previous {
    /// What wrote its rows.
    pub(super) record: Record,
    /// How many there are, and how many the migration made of them.
    pub(super) rows: u64,
}

/// How far a migration has come.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unfinished {
    /// What the record will be.
    pub(super) to: Record,
    /// How many rows the shadow table has.
    pub(super) rows: u64,
    /// The stored key of the last row that was migrated; `None` if none was.
    pub(super) after: Option<Vec<u8>>,
}

pub(super) fn record_key(table: &str) -> Vec<u8> {
    [b"t", table.as_bytes()].concat()
}

pub(super) fn unfinished_key(table: &str) -> Vec<u8> {
    [b"m", table.as_bytes()].concat()
}

/// Under the name of the table and a zero, the release whose table is kept.
pub(super) fn previous_key(table: &str, release: &str) -> Vec<u8> {
    [b"p", table.as_bytes(), &[0], release.as_bytes()].concat()
}

/// The release and the table that a key of [`previous_key`] names.
pub(super) fn of_previous_key(key: &[u8]) -> Option<(String, String)> {
    let (table, release) = std::str::from_utf8(key.strip_prefix(b"p")?).ok()?.rsplit_once('\0')?;
    Some((table.to_owned(), release.to_owned()))
}

/// The checksum of a value, by which a rollback finds the rows that were changed.
pub(super) fn sum_of(value: &[u8]) -> [u8; 8] {
    xxh3_64(value).to_le_bytes()
}

/// The table of the rows that a release left.
pub(super) fn previous_of(table: &str, release: &str) -> String {
    format!("typeser.previous.{release}/{table}")
}

/// The table of the checksums of the rows that a migration made, while it is filled and from then on.
pub(super) fn sums_of_shadow(table: &str) -> String {
    format!("typeser.shadow-sums.{table}")
}

pub(super) fn sums_of(table: &str, release: &str) -> String {
    format!("typeser.sums.{release}/{table}")
}

/// The table of the rows that were today's in a generation, and are not migrated yet.
pub(super) fn older_of(table: &str, generation: u64) -> String {
    format!("typeser.older.{generation}/{table}")
}

/// The table of the entries of all indexes of a table.
pub(super) fn indexes_of(table: &str) -> String {
    format!("typeser.indexes.{table}")
}

/// The table of the entries of all indexes of a table, while it is filled.
pub(super) fn shadow_indexes_of(table: &str) -> String {
    format!("typeser.shadow-indexes.{table}")
}

pub(super) fn shadow_of(table: &str) -> String {
    format!("{SHADOW}{table}")
}

/// What lies under a key of the metadata, if anything does.
pub(super) fn read<B: Backend>(backend: &B, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, BackendError> {
    let mut found = None;
    backend.get(table, key, &mut |bytes| found = Some(bytes.to_vec()))?;
    Ok(found)
}

/// What is stored beside a table, if anything is.
pub(super) fn stored_record<B: Backend>(backend: &mut B, name: &str) -> Result<Option<Record>, TableError> {
    let Some(metadata) = backend.find_table(TABLE)? else { return Ok(None) };
    let bytes = read(backend, metadata, &record_key(name))?;
    bytes.map(|bytes| parse(name, &bytes)).transpose()
}

pub(super) fn parse(name: &str, bytes: &[u8]) -> Result<Record, TableError> {
    Record::from_bytes(bytes).map_err(|reason| TableError::Unreadable { table: name.to_owned(), reason })
}

/// The migration of a table that has not come to its end.
pub(super) fn unfinished<B: Backend>(backend: &mut B, name: &str) -> Result<Option<Unfinished>, TableError> {
    let Some(metadata) = backend.find_table(TABLE)? else { return Ok(None) };
    let bytes = read(backend, metadata, &unfinished_key(name))?;
    let unreadable = |reason| TableError::Unreadable { table: name.to_owned(), reason };
    bytes.map(|bytes| Unfinished::from_bytes(&bytes).map_err(unreadable)).transpose()
}

/// Checks that a typed table can have this name.
pub(super) fn check_name(name: &str) -> Result<(), TableError> {
    invalid_name(name).map_err(|reason| TableError::Name { table: name.to_owned(), reason })
}

fn invalid_name(name: &str) -> Result<(), String> {
    // Shadow tables have names of their own, which must not be too long either.
    let limit = Limits::NAME_BYTES - SHADOW.len();
    match name.len() {
        0 => Err("a table needs a name".to_owned()),
        length if length > limit => Err(format!("the name takes {length} bytes and may have {limit}")),
        _ if name.starts_with("typeser.") => Err("names that begin with `typeser.` are taken".to_owned()),
        _ => Ok(()),
    }
}

/// Checks that a table can be kept under the name of this release.
pub(super) fn check_release(release: &str) -> Result<(), TableError> {
    invalid_release(release).map_err(|reason| TableError::Release { release: release.to_owned(), reason })
}

fn invalid_release(release: &str) -> Result<(), String> {
    const LONGEST: usize = 64;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    match release.len() {
        0 => Err("it is empty".to_owned()),
        length if length > LONGEST => Err(format!("it takes {length} bytes and may have {LONGEST}")),
        _ if !release.chars().all(is_plain) => {
            Err("it may have ASCII letters, digits, `.`, `_`, `-` and `+`".to_owned())
        }
        _ => Ok(()),
    }
}

impl Record {
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, WriteSnapshotError> {
        debug_assert!(self.older.is_empty() || self.indexes.is_empty(), "a table has older rows or indexes");
        let version = match (self.older.is_empty(), self.indexes.is_empty()) {
            (true, true) => VERSION,
            (_, true) => WITH_OLDER,
            (_, false) => WITH_INDEXES,
        };
        let mut to = version.to_le_bytes().to_vec();
        self.put(&mut to)?;
        for OlderRows { generation, value } in &self.older {
            to.extend_from_slice(&generation.to_le_bytes());
            put_sized(&value.to_bytes()?, &mut to);
        }
        for IndexRecord { name, version, unique, part } in &self.indexes {
            put_sized(name.as_bytes(), &mut to);
            to.extend_from_slice(&version.to_le_bytes());
            to.push(if *unique { UNIQUE } else { 0 });
            put_sized(&part.to_bytes()?, &mut to);
        }
        Ok(sealed(to))
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let (version, mut from) = opened(bytes, WITH_INDEXES)?;
        let mut record = Self::take(&mut from)?;
        while version == WITH_OLDER && (!from.is_empty() || record.older.is_empty()) {
            let generation = u64::from_le_bytes(take(&mut from)?);
            record.older.push(OlderRows { generation, value: take_snapshot(&mut from, "older values")? });
        }
        while version == WITH_INDEXES && (!from.is_empty() || record.indexes.is_empty()) {
            record.indexes.push(IndexRecord::take(&mut from)?);
        }
        if from.is_empty() { Ok(record) } else { Err(format!("{} bytes too many", from.len())) }
    }

    fn put(&self, to: &mut Vec<u8>) -> Result<(), WriteSnapshotError> {
        to.extend_from_slice(&self.generation.to_le_bytes());
        put_sized(&self.key.to_bytes()?, to);
        put_sized(&self.value.to_bytes()?, to);
        Ok(())
    }

    fn take(from: &mut &[u8]) -> Result<Self, String> {
        let generation = u64::from_le_bytes(take(from)?);
        let (key, value) = (take_snapshot(from, "keys")?, take_snapshot(from, "values")?);
        Ok(Self { generation, key, value, older: Vec::new(), indexes: Vec::new() })
    }

    /// What wrote the rows, without the indexes over them.
    pub(super) fn of_rows(&self) -> Self {
        Self { indexes: Vec::new(), ..self.clone() }
    }
}

impl IndexRecord {
    fn take(from: &mut &[u8]) -> Result<Self, String> {
        let name = str::from_utf8(take_sized(from)?).map_err(|_| "the name of an index is not UTF-8".to_owned())?;
        let (name, version) = (name.to_owned(), u32::from_le_bytes(take(from)?));
        let unique = match take(from)? {
            [0] => false,
            [UNIQUE] => true,
            [other] => return Err(format!("index `{name}` has the unknown kind {other}")),
        };
        let part = take_snapshot(from, &format!("index `{name}`"))?;
        Ok(Self { name, version, unique, part })
    }
}

impl Previous {
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, WriteSnapshotError> {
        let mut to = VERSION.to_le_bytes().to_vec();
        self.record.put(&mut to)?;
        to.extend_from_slice(&self.rows.to_le_bytes());
        Ok(sealed(to))
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let (_, mut from) = opened(bytes, VERSION)?;
        let record = Record::take(&mut from)?;
        let rows = u64::from_le_bytes(take(&mut from)?);
        if from.is_empty() { Ok(Self { record, rows }) } else { Err(format!("{} bytes too many", from.len())) }
    }
}

impl Unfinished {
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, WriteSnapshotError> {
        let mut to = VERSION.to_le_bytes().to_vec();
        self.to.put(&mut to)?;
        to.extend_from_slice(&self.rows.to_le_bytes());
        to.push(u8::from(self.after.is_some()));
        to.extend_from_slice(self.after.as_deref().unwrap_or_default());
        Ok(sealed(to))
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let (_, mut from) = opened(bytes, VERSION)?;
        let to = Record::take(&mut from)?;
        let rows = u64::from_le_bytes(take(&mut from)?);
        let after = match take(&mut from)? {
            [0] if from.is_empty() => None,
            [1] => Some(from.to_vec()),
            _ => return Err("it does not say after which key it goes on".to_owned()),
        };
        Ok(Self { to, rows, after })
    }
}

/// The generation of a record that this process has read or written whole before, by its place: each transaction asks.
#[cfg(feature = "redb")]
pub(super) fn generation(record: &[u8]) -> Option<u64> {
    record.get(2..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}

/// Whether the table of a record has rows of earlier releases; see [`generation`].
#[cfg(feature = "redb")]
pub(super) fn has_older(record: &[u8]) -> bool {
    record.first_chunk().is_some_and(|version| u16::from_le_bytes(*version) == WITH_OLDER)
}

fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = checksum(&bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    bytes
}

/// The version and the checksum are checked before anything else.
fn opened(bytes: &[u8], newest: u16) -> Result<(u16, &[u8]), String> {
    let (version, _) = bytes.split_first_chunk().ok_or_else(cut)?;
    let version = u16::from_le_bytes(*version);
    if !(VERSION..=newest).contains(&version) {
        return Err(format!("its record has version {version}, this release reads up to {newest}"));
    }
    let (content, sum) = bytes.split_last_chunk().ok_or_else(cut)?;
    if checksum(content) != u32::from_le_bytes(*sum) {
        return Err("its record does not have its checksum: it is damaged".to_owned());
    }
    Ok((version, content.get(2..).ok_or_else(cut)?))
}

fn cut() -> String {
    "its record is cut off".to_owned()
}

fn take<const N: usize>(from: &mut &[u8]) -> Result<[u8; N], String> {
    let (taken, rest) = from.split_first_chunk().ok_or_else(cut)?;
    *from = rest;
    Ok(*taken)
}

fn take_sized<'a>(from: &mut &'a [u8]) -> Result<&'a [u8], String> {
    let length = u32::from_le_bytes(take(from)?);
    let (taken, rest) = from.split_at_checked(length as usize).ok_or_else(cut)?;
    *from = rest;
    Ok(taken)
}

fn take_snapshot(from: &mut &[u8], part: &str) -> Result<SerializerSnapshot, String> {
    SerializerSnapshot::from_bytes(take_sized(from)?).map_err(|error| format!("the snapshot of its {part}: {error}"))
}

/// Snapshots have at most [`Limits::SNAPSHOT_BYTES`], which fits.
fn put_sized(bytes: &[u8], to: &mut Vec<u8>) {
    to.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    to.extend_from_slice(bytes);
}
