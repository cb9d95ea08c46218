//! Goldens of what is stored beside typed tables: every version of a record means today what it meant, and is written as
//! it was.
//!
//! `TYPESER_RECORD=1 cargo test -p typeser-state --test table_goldens` records those that are missing. It never changes one
//! that is there, and is refused where `CI` is set.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "a test")]

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};

use typeser::{SerializerSnapshot, StateType, TypeSerializer};
use typeser_state::backend::{Backend, MemoryBackend, ReadRows, RowRange, Table};
use typeser_state::typed_table::{
    BackendTable, ChangesSince, Newer, OrderedBackendTable, TableCatalog, TableError, TableIndex, TableOptions,
};

mod v1 {
    #[derive(typeser::StateType, Debug, Clone, PartialEq)]
    pub struct Order {
        pub id: u32,
        pub note: String,
    }
}

mod v2 {
    #[derive(typeser::StateType, Debug, Clone, PartialEq)]
    pub struct Order {
        pub id: u64,
        pub note: String,
    }
}

mod v3 {
    #[derive(typeser::StateType, Debug, Clone, PartialEq)]
    pub struct Order {
        #[state(default = 3)]
        pub priority: u8,
        pub id: u64,
        pub note: String,
    }
}

const RECORDS: &str = "typeser.typed-tables";
const RELEASE: &str = "1.4.0";
const ROWS: u8 = 4;

/// Each golden: its file, the table in which it lies, and its key there.
const RECORD: Golden = Golden("v1/record.bin", RECORDS, b"torders");
const ORDERED: Golden = Golden("v1/record-of-ordered.bin", RECORDS, b"torders");
const MIGRATION: Golden = Golden("v1/migration.bin", RECORDS, b"morders");
const PREVIOUS: Golden = Golden("v1/previous.bin", RECORDS, b"porders\x001.4.0");
const SUM: Golden = Golden("v1/sum.bin", "typeser.sums.1.4.0/orders", &[2]);
const LAZY: Golden = Golden("v2/record.bin", RECORDS, b"torders");
const INDEXED: Golden = Golden("v3/record.bin", RECORDS, b"torders");
const ENTRY: Golden = Golden("v3/entry.bin", "typeser.indexes.orders", b"\x01note 2\x00\x02");

struct Golden(&'static str, &'static str, &'static [u8]);

impl Golden {
    fn path(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden/table").join(self.0)
    }

    fn recorded(&self) -> Vec<u8> {
        std::fs::read(self.path()).unwrap_or_else(|error| panic!("{}: {error}", self.0))
    }

    /// Compares what was written with what is recorded, and records it if it is missing and that was asked for.
    fn check(&self, backend: &mut MemoryBackend) {
        let Self(name, table, key) = self;
        let table = backend.find_table(table).unwrap().unwrap();
        let mut written = Vec::new();
        assert!(backend.get(table, key, &mut |bytes| written = bytes.to_vec()).unwrap(), "{name}");
        if !self.path().exists() && std::env::var_os("TYPESER_RECORD").is_some() {
            assert!(std::env::var_os("CI").is_none(), "nothing is recorded where `CI` is set");
            std::fs::create_dir_all(self.path().parent().unwrap()).unwrap();
            std::fs::write(self.path(), &written).unwrap();
        }
        assert_eq!(written, self.recorded(), "{name}");
    }

    /// Stores what is recorded.
    fn put(&self, backend: &mut MemoryBackend) {
        self.put_as(backend, &self.recorded());
    }

    fn put_as(&self, backend: &mut MemoryBackend, bytes: &[u8]) {
        let table = backend.create_table(self.1).unwrap();
        backend.put(table, self.2, bytes).unwrap();
    }
}

fn order1(id: u8) -> v1::Order {
    v1::Order { id: id.into(), note: format!("note {id}") }
}

fn order2(id: u8) -> v2::Order {
    v2::Order { id: id.into(), note: format!("note {id}") }
}

fn order3(id: u8) -> v3::Order {
    v3::Order { priority: 3, id: id.into(), note: format!("note {id}") }
}

/// Opens the table `orders` in the way of each release.
fn open<'b, V: StateType>(
    backend: &'b mut MemoryBackend,
    options: &TableOptions,
) -> Result<BackendTable<u8, V, &'b mut MemoryBackend>, TableError> {
    BackendTable::open_with(backend, "orders", options, &mut |_| ())
}

/// What the first release wrote.
fn first_release() -> MemoryBackend {
    let mut backend = MemoryBackend::new();
    let mut orders = open::<v1::Order>(&mut backend, &TableOptions::new()).unwrap();
    (0..ROWS).for_each(|id| orders.insert(&id, &order1(id)).unwrap());
    backend
}

/// What the second release wrote, which kept what was there before.
fn second_release() -> MemoryBackend {
    let mut backend = first_release();
    open::<v2::Order>(&mut backend, &TableOptions::new().keep_previous(RELEASE)).unwrap();
    backend
}

/// Opens the table as the third release, and stops the migration when it has these rows.
fn interrupted(mut backend: MemoryBackend) -> MemoryBackend {
    let batches = TableOptions::new().with_batches(1, 1 << 20);
    let ended = catch_unwind(AssertUnwindSafe(|| {
        BackendTable::<u8, v3::Order, _>::open_with(&mut backend, "orders", &batches, &mut |progress| {
            if progress.rows == 3 {
                resume_unwind(Box::new("killed"));
            }
        })
        .map(|_| ())
    }));
    assert!(ended.is_err());
    backend
}

/// What two releases wrote that migrate lazily.
fn lazy_releases() -> MemoryBackend {
    let mut backend = first_release();
    let lazily = TableOptions::new().migrate_lazily();
    open::<v2::Order>(&mut backend, &lazily).unwrap().insert(&0, &order2(0)).unwrap();
    open::<v3::Order>(&mut backend, &lazily).unwrap().insert(&1, &order3(1)).unwrap();
    backend
}

/// Two indexes, of which the one by note is the second by name.
const BY_NOTE: TableIndex<u8, v2::Order, String> = TableIndex::new("by note", 7, |_, order| order.note.clone());
const BY_ID: TableIndex<u8, v2::Order, u64> = TableIndex::unique("by id", 1, |_, order| order.id);

fn indexed() -> TableOptions {
    TableOptions::new().with_index(&BY_NOTE).with_index(&BY_ID)
}

#[test]
fn todays_code_writes_what_is_recorded() {
    RECORD.check(&mut second_release());
    PREVIOUS.check(&mut second_release());
    SUM.check(&mut second_release());
    MIGRATION.check(&mut interrupted(second_release()));
    LAZY.check(&mut lazy_releases());
    let mut backend = second_release();
    open::<v2::Order>(&mut backend, &indexed()).unwrap();
    INDEXED.check(&mut backend);
    ENTRY.check(&mut backend);

    let mut backend = MemoryBackend::new();
    OrderedBackendTable::<(String, u32), u16, _>::open(&mut backend, "orders").unwrap();
    ORDERED.check(&mut backend);
}

/// Writes the rows of a table without its record, as a release stored them.
fn put_rows<V: StateType>(backend: &mut MemoryBackend, table: &str, rows: impl IntoIterator<Item = (u8, V)>) -> Table {
    let table = backend.create_table(table).unwrap();
    let serializer = typeser::Serializer::<V>::new().unwrap();
    for (id, order) in rows {
        let mut value = Vec::new();
        serializer.serialize(&order, &mut value).unwrap();
        backend.put(table, &[id], &value).unwrap();
    }
    table
}

fn all<V: StateType>(table: &BackendTable<u8, V, &mut MemoryBackend>) -> Vec<(u8, V)> {
    let mut rows = Vec::new();
    table
        .visit_by_bytes(.., |id, order| {
            rows.push((id, order));
            ControlFlow::Continue(())
        })
        .unwrap();
    rows
}

fn fields(snapshot: &SerializerSnapshot) -> Vec<String> {
    let typeser::schema::Node::Struct(node) = &snapshot.schema().nodes()[0] else { panic!("a struct") };
    node.fields.iter().map(|field| field.name.to_string()).collect()
}

#[test]
fn a_record_of_version_1_names_the_generation_and_both_types() {
    let mut backend = MemoryBackend::new();
    RECORD.put(&mut backend);
    put_rows(&mut backend, "orders", (0..ROWS).map(|id| (id, order2(id))));

    let [info] = &TableCatalog::over(&mut backend).tables().unwrap()[..] else { panic!("one table") };
    assert_eq!((info.name.as_str(), info.generation, info.rows, info.unmigrated), ("orders", 1, 4, 0));
    assert_eq!(
        (info.key.name(), info.value.name(), fields(&info.value)),
        ("u8", "Order", vec!["id".into(), "note".into()])
    );
    assert_eq!((info.migrating, info.key.configuration().ordered), (None, false));
    let orders = open::<v2::Order>(&mut backend, &TableOptions::new().without_migration()).unwrap();
    assert_eq!(all(&orders), (0..ROWS).map(|id| (id, order2(id))).collect::<Vec<_>>());
    // What it describes is migrated to another type.
    let orders = open::<v3::Order>(&mut backend, &TableOptions::new()).unwrap();
    assert_eq!(orders.get(&2).unwrap(), Some(order3(2)));
}

#[test]
fn a_record_of_an_ordered_table_says_so() {
    let mut backend = MemoryBackend::new();
    ORDERED.put(&mut backend);
    let rows = backend.create_table("orders").unwrap();
    // `("a", 258)` and `("b", 1)` in ordered form, and numbers.
    backend.put(rows, b"a\x00\x00\x00\x01\x02", &[7, 0]).unwrap();
    backend.put(rows, b"b\x00\x00\x00\x00\x01", &[8, 0]).unwrap();
    assert!(TableCatalog::over(&mut backend).tables().unwrap()[0].key.configuration().ordered);
    let orders = OrderedBackendTable::<(String, u32), u16, _>::open(&mut backend, "orders").unwrap();
    assert_eq!(orders.first().unwrap(), Some((("a".to_owned(), 258), 7)));
    assert_eq!(orders.last().unwrap(), Some((("b".to_owned(), 1), 8)));
}

#[test]
fn an_unfinished_migration_of_version_1_is_resumed_after_its_last_key() {
    let mut backend = MemoryBackend::new();
    RECORD.put(&mut backend);
    MIGRATION.put(&mut backend);
    put_rows(&mut backend, "orders", (0..ROWS).map(|id| (id, order2(id))));
    // The rows that it has migrated have other notes, by which they are recognized.
    let marked = |id| v3::Order { note: "migrated before".into(), ..order3(id) };
    put_rows(&mut backend, "typeser.shadow.orders", (0..3).map(|id| (id, marked(id))));

    assert_eq!(TableCatalog::over(&mut backend).tables().unwrap()[0].migrating, Some(3));
    let mut calls = Vec::new();
    let mut progress = |progress: &typeser_state::typed_table::TableMigrationProgress<'_>| {
        calls.push((progress.rows, progress.resumed));
    };
    let options = TableOptions::new();
    let orders = BackendTable::open_with(&mut backend, "orders", &options, &mut progress).unwrap();
    assert_eq!(all(&orders), [(0, marked(0)), (1, marked(1)), (2, marked(2)), (3, order3(3))]);
    assert_eq!(calls, [(4, 3)]);
    assert_eq!(TableCatalog::over(&mut backend).tables().unwrap()[0].generation, 2);
}

#[test]
fn a_kept_table_of_version_1_is_compared_by_its_sums_and_restored() {
    let mut backend = MemoryBackend::new();
    RECORD.put(&mut backend);
    PREVIOUS.put(&mut backend);
    SUM.put(&mut backend);
    put_rows(&mut backend, "typeser.previous.1.4.0/orders", (0..ROWS).map(|id| (id, order1(id))));
    put_rows(&mut backend, "orders", [(2, order2(2)), (9, order2(9))]);

    let mut catalog = TableCatalog::over(&mut backend);
    let [kept] = &catalog.previous().unwrap()[..] else { panic!("one table") };
    assert_eq!((kept.table.as_str(), kept.release.as_str(), kept.rows), ("orders", RELEASE, 4));
    // The sum of order 2 is recorded, and equal; there is none of the other, and three rows are not there.
    let [ChangesSince { added, changed, removed, .. }] = catalog.changes_since(RELEASE).unwrap()[..] else { panic!() };
    assert_eq!((added, changed, removed), (1, 0, 3));
    catalog.roll_back(RELEASE, Newer::Discard).unwrap();
    let orders = open::<v1::Order>(&mut backend, &TableOptions::new().without_migration()).unwrap();
    assert_eq!(all(&orders), (0..ROWS).map(|id| (id, order1(id))).collect::<Vec<_>>());
}

#[test]
fn a_record_of_version_2_names_the_rows_of_each_earlier_release() {
    let mut backend = MemoryBackend::new();
    LAZY.put(&mut backend);
    put_rows(&mut backend, "typeser.older.0/orders", [2, 3].map(|id| (id, order1(id))));
    put_rows(&mut backend, "typeser.older.1/orders", [(0, order2(0))]);
    put_rows(&mut backend, "orders", [(1, order3(1))]);

    let info = &TableCatalog::over(&mut backend).tables().unwrap()[0];
    assert_eq!((info.generation, info.rows, info.unmigrated), (2, 4, 3));
    assert_eq!(fields(&info.value), ["priority", "id", "note"]);
    let lazily = TableOptions::new().migrate_lazily();
    let mut orders = open::<v3::Order>(&mut backend, &lazily).unwrap();
    assert_eq!(all(&orders), (0..ROWS).map(|id| (id, order3(id))).collect::<Vec<_>>());
    assert_eq!(orders.unmigrated_rows().unwrap(), 3);
    assert_eq!(orders.migrate_some(100).unwrap(), 0);
    let records = backend.find_table(RECORDS).unwrap().unwrap();
    let mut version = None;
    backend.get(records, b"torders", &mut |record| version = record.first_chunk().copied()).unwrap();
    assert_eq!(version, Some([1, 0]));
}

#[test]
fn a_record_of_version_3_names_the_indexes_and_their_entries_are_read() {
    let mut backend = MemoryBackend::new();
    INDEXED.put(&mut backend);
    ENTRY.put(&mut backend);
    put_rows(&mut backend, "orders", (0..ROWS).map(|id| (id, order2(id))));

    let info = &TableCatalog::over(&mut backend).tables().unwrap()[0];
    let [by_id, by_note] = &info.indexes[..] else { panic!("two indexes") };
    assert_eq!((by_id.name.as_str(), by_id.version, by_id.unique, by_id.part.name()), ("by id", 1, true, "u64"));
    assert_eq!((by_note.name.as_str(), by_note.version, by_note.unique), ("by note", 7, false));
    assert_eq!((by_note.part.name(), by_note.part.configuration().ordered), ("string", true));
    // The one entry that is recorded is read, and nothing is built.
    let orders = open::<v2::Order>(&mut backend, &indexed().without_migration()).unwrap();
    let rows: Vec<_> = orders.by_index(&BY_NOTE).unwrap().iter().map(Result::unwrap).collect();
    assert_eq!(rows, [(2, order2(2))]);
}

#[test]
fn an_unknown_version_is_refused_and_nothing_is_changed() {
    for golden in [RECORD, LAZY, INDEXED] {
        let mut backend = MemoryBackend::new();
        let mut bytes = golden.recorded();
        bytes[..2].copy_from_slice(&4u16.to_le_bytes());
        golden.put_as(&mut backend, &bytes);
        put_rows(&mut backend, "orders", [(1, order3(1))]);

        let refused = open::<v3::Order>(&mut backend, &TableOptions::new()).err().unwrap();
        assert!(refused.to_string().contains("its record has version 4, this release reads up to 3"), "{refused}");
        let records = backend.find_table(RECORDS).unwrap().unwrap();
        let mut rows = Vec::new();
        backend
            .scan(records, RowRange::ALL, &mut |key, value| {
                rows.push((key.to_vec(), value.to_vec()));
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(rows, [(b"torders".to_vec(), bytes)]);
    }
}

#[test]
fn every_flipped_byte_of_a_record_is_noticed() {
    for golden in [RECORD, ORDERED, LAZY, INDEXED] {
        for at in 0..golden.recorded().len() {
            let mut bytes = golden.recorded();
            bytes[at] ^= 1;
            let mut backend = MemoryBackend::new();
            golden.put_as(&mut backend, &bytes);
            backend.create_table("orders").unwrap();
            let read = TableCatalog::over(&mut backend).tables();
            assert!(matches!(read, Err(TableError::Unreadable { .. })), "{} byte {at}", golden.0);
        }
    }
}
