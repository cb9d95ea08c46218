//! The life of a typed table: dropped, renamed, reset, adopted, kept before a migration, and rolled back.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "a test")]

use redb::{Database, ReadableDatabase, TableDefinition};
use typeser::schema::IntegerEncoding;
use typeser_state::backend::{Backend, MemoryBackend};
use typeser_state::typed_table::{BackendTable, Newer, TableCatalog, TableError, TableOptions, TableSet, TypedTable};

mod v1 {
    #[derive(typeser::StateType, serde::Serialize, serde::Deserialize, Debug, Clone, PartialEq)]
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

fn order(id: u32) -> v1::Order {
    v1::Order { id, note: format!("note {id}") }
}

fn shop() -> (tempfile::TempDir, Database) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::create(folder.path().join("shop.redb")).unwrap();
    (folder, database)
}

fn fill(database: &Database, name: &str) {
    let orders = TypedTable::<u32, v1::Order>::open(database, name).unwrap();
    (0..10).for_each(|id| orders.insert(&id, &order(id)).unwrap());
}

fn tables(database: &Database) -> Vec<String> {
    let read = database.begin_read().unwrap();
    let mut names: Vec<String> =
        read.list_tables().unwrap().map(|table| redb::TableHandle::name(&table).to_owned()).collect();
    names.sort();
    names
}

fn catalog(database: &Database) -> TableCatalog<typeser_state::backend::RedbBackend<&Database>> {
    TableCatalog::of(database).unwrap()
}

fn names(database: &Database) -> Vec<String> {
    catalog(database).tables().unwrap().into_iter().map(|table| table.name).collect()
}

#[test]
fn a_dropped_table_is_gone_and_its_name_is_free_for_other_types() {
    let (_folder, database) = shop();
    fill(&database, "orders");
    let old = TypedTable::<u32, v1::Order>::open(&database, "orders").unwrap();
    catalog(&database).drop_table("orders").unwrap();
    assert_eq!((names(&database), tables(&database)), (vec![], vec!["typeser.typed-tables".to_owned()]));
    // A handle from before neither reads nor brings back the table, not even once there is a new one.
    assert!(matches!(old.get(&1), Err(TableError::Stale { .. })));
    assert!(matches!(old.insert(&1, &order(1)), Err(TableError::Stale { .. })));
    let new = TypedTable::<String, bool>::open(&database, "orders").unwrap();
    assert!(new.is_empty().unwrap());
    assert!(matches!(old.insert(&1, &order(1)), Err(TableError::Stale { .. })));
    let missing = catalog(&database).drop_table("invoices").unwrap_err();
    assert!(matches!(missing, TableError::NoSuchTable { .. }), "{missing}");
}

#[test]
fn a_renamed_table_has_its_rows_and_snapshots_and_old_handles_are_stale() {
    let (_folder, database) = shop();
    fill(&database, "orders");
    fill(&database, "returns");
    let old = TypedTable::<u32, v1::Order>::open(&database, "orders").unwrap();
    let taken = catalog(&database).rename_table("orders", "returns").unwrap_err();
    assert!(matches!(taken, TableError::NameTaken { .. }), "{taken}");
    let name = catalog(&database).rename_table("orders", "typeser.orders").unwrap_err();
    assert!(matches!(name, TableError::Name { .. }), "{name}");

    catalog(&database).rename_table("orders", "sales").unwrap();
    assert_eq!(names(&database), ["returns", "sales"]);
    assert!(matches!(old.get(&1), Err(TableError::Stale { .. })));
    let sales = TypedTable::<u32, v1::Order>::open(&database, "sales").unwrap();
    assert_eq!((sales.len().unwrap(), sales.get(&3).unwrap()), (10, Some(order(3))));
    // There and back: a handle of a name that a table had before is stale too.
    catalog(&database).rename_table("sales", "orders").unwrap();
    assert!(matches!(old.get(&1), Err(TableError::Stale { .. })));
    assert!(matches!(sales.get(&1), Err(TableError::Stale { .. })));
    let orders = TypedTable::<u32, v2::Order>::open(&database, "orders").unwrap();
    assert_eq!(orders.get(&3).unwrap().unwrap().id, 3);
}

#[test]
fn a_cache_that_does_not_fit_starts_empty_and_one_that_fits_or_migrates_does_not() {
    let (_folder, database) = shop();
    fill(&database, "cache");
    let options = TableOptions::new().reset_if_incompatible();
    let same = TypedTable::<u32, v1::Order>::open_with(&database, "cache", &options, &mut |_| ()).unwrap();
    assert_eq!(same.len().unwrap(), 10);
    let migrated = TypedTable::<u32, v2::Order>::open_with(&database, "cache", &options, &mut |_| ()).unwrap();
    assert_eq!(migrated.len().unwrap(), 10);
    TypedTable::<u32, bool>::open(&database, "cache").unwrap_err();
    let mut set = TableSet::new();
    set.add::<u32, bool>("cache");
    let run = &set.dry_run(&database, &options).unwrap()[0];
    assert_eq!((run.rows, run.new_bytes), (10, 0));
    let reset = TypedTable::<u32, bool>::open_with(&database, "cache", &options, &mut |_| ()).unwrap();
    assert!(reset.is_empty().unwrap());
    assert!(matches!(migrated.get(&1), Err(TableError::Stale { .. })));
    reset.insert(&1, &true).unwrap();
    let again = TypedTable::<u32, bool>::open_with(&database, "cache", &options, &mut |_| ()).unwrap();
    assert_eq!(again.get(&1).unwrap(), Some(true));
}

const RAW: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("orders");

fn bincode(database: &Database, value: impl Fn(u32) -> Vec<u8>) {
    let transaction = database.begin_write().unwrap();
    let mut table = transaction.open_table(RAW).unwrap();
    for id in 0..10u32 {
        table.insert(&*bincode1::serialize(&id).unwrap(), &*value(id)).unwrap();
    }
    drop(table);
    transaction.commit().unwrap();
}

#[test]
fn every_start_adopts_or_makes_or_opens() {
    fn open(database: &Database) -> TypedTable<'_, u32, v1::Order> {
        TypedTable::open_or_adopt(database, "orders", IntegerEncoding::Fixed).unwrap()
    }
    let (_folder, fresh) = shop();
    open(&fresh).insert(&1, &order(1)).unwrap();
    assert_eq!(open(&fresh).len().unwrap(), 1);

    let (_folder, before) = shop();
    bincode(&before, |id| bincode1::serialize(&order(id)).unwrap());
    assert_eq!(open(&before).get(&7).unwrap(), Some(order(7)));
    open(&before).insert(&10, &order(10)).unwrap();
    assert_eq!(open(&before).len().unwrap(), 11);

    // What other types wrote is refused as `adopt` refuses it, and a set adopts as well.
    let (_folder, other) = shop();
    bincode(&other, |id| vec![id as u8; 3]);
    let options = TableOptions::new().adopt(IntegerEncoding::Fixed);
    let mut set = TableSet::new();
    set.add::<u32, v1::Order>("orders").add::<u32, bool>("flags");
    let error = set.open_with(&other, &options, &mut |_| ()).unwrap_err();
    let TableError::Set(refusal) = error else { panic!("{error}") };
    assert!(matches!(refusal.problems()[0], TableError::Disagree { disagreeing: 10, .. }));
    assert_eq!(tables(&other), ["orders"]);
    let (_folder, plain) = shop();
    bincode(&plain, |id| bincode1::serialize(&order(id)).unwrap());
    let opened = set.open_with(&plain, &options, &mut |_| ()).unwrap();
    assert_eq!(opened.table::<u32, v1::Order>("orders").unwrap().len().unwrap(), 10);
}

/// A table with rows of two layouts: the trailing option came later.
mod mixed {
    #[derive(typeser::StateType, serde::Serialize, serde::Deserialize, Debug, PartialEq)]
    pub struct Meta {
        pub fee: u64,
        pub pre: Vec<u64>,
        pub inner: Option<Vec<u8>>,
    }
    #[derive(serde::Serialize, serde::Deserialize)]
    pub struct Old {
        pub fee: u64,
        pub pre: Vec<u64>,
    }
}

#[test]
fn rows_of_two_layouts_are_copied_by_a_function_that_tries_both_and_may_skip_or_fail() {
    let (_folder, database) = shop();
    bincode(&database, |id| match id {
        9 => vec![0xFF],
        8 => Vec::new(),
        id if id.is_multiple_of(2) => bincode1::serialize(&mixed::Old { fee: id.into(), pre: vec![1] }).unwrap(),
        id => {
            let inner = Some(vec![7]);
            bincode1::serialize(&mixed::Meta { fee: id.into(), pre: vec![1], inner }).unwrap()
        }
    });
    let refused = TypedTable::<u32, mixed::Meta>::adopt(&database, "orders", IntegerEncoding::Fixed).unwrap_err();
    assert!(matches!(refused, TableError::Disagree { disagreeing: 6, .. }), "{refused}");

    type Row = Result<Option<(u32, Vec<u8>)>, Box<dyn std::error::Error + Send + Sync>>;
    let both = |key: &[u8], value: &[u8]| -> Row {
        let key: u32 = bincode1::deserialize(key)?;
        if value.is_empty() {
            return Ok(None);
        }
        if bincode1::deserialize::<mixed::Meta>(value).is_ok() {
            return Ok(Some((key, value.to_vec())));
        }
        let mixed::Old { fee, pre } = bincode1::deserialize(value)?;
        Ok(Some((key, bincode1::serialize(&mixed::Meta { fee, pre, inner: None })?)))
    };
    let copy = |row: &dyn Fn(&[u8], &[u8]) -> Row| {
        TypedTable::<u32, mixed::Meta>::adopt_copy(&database, RAW, "meta", IntegerEncoding::Fixed, row)
    };
    let failed = copy(&both).unwrap_err();
    insta::assert_snapshot!(failed);
    assert_eq!(tables(&database), ["orders"]);

    let meta = copy(&|key, value| if value == [0xFF] { Ok(None) } else { both(key, value) }).unwrap();
    assert_eq!(meta.len().unwrap(), 8);
    assert_eq!(meta.get(&2).unwrap(), Some(mixed::Meta { fee: 2, pre: vec![1], inner: None }));
    assert_eq!(meta.get(&3).unwrap(), Some(mixed::Meta { fee: 3, pre: vec![1], inner: Some(vec![7]) }));
}

#[cfg(feature = "fjall")]
#[test]
fn a_keyspace_of_the_program_is_adopted_by_a_copy_and_never_hidden_by_an_empty_table() {
    use fjall::KeyspaceCreateOptions;
    use typeser_state::backend::FjallBackend;
    let folder = tempfile::tempdir().unwrap();
    let database = fjall::Database::builder(folder.path()).open().unwrap();
    let orders = database.keyspace("orders", KeyspaceCreateOptions::default).unwrap();
    // More rows than are copied at a time.
    for id in 0..25_000u32 {
        orders.insert(bincode1::serialize(&id).unwrap(), bincode1::serialize(&order(id)).unwrap()).unwrap();
    }
    let backend = || FjallBackend::over(database.clone()).unwrap();
    let open = BackendTable::<u32, v1::Order, _>::open(backend(), "orders").unwrap_err();
    assert!(matches!(open, TableError::NotTyped { .. }), "{open}");
    let other = BackendTable::<u32, bool, _>::adopt(backend(), "orders", IntegerEncoding::Fixed).unwrap_err();
    assert!(matches!(other, TableError::Disagree { disagreeing: 25_000, .. }), "{other}");

    let adopted = BackendTable::<u32, v1::Order, _>::adopt(backend(), "orders", IntegerEncoding::Fixed).unwrap();
    assert_eq!((adopted.len().unwrap(), adopted.get(&24_999).unwrap()), (25_000, Some(order(24_999))));
    drop(adopted);
    let again = BackendTable::<u32, v1::Order, _>::adopt(backend(), "orders", IntegerEncoding::Fixed).unwrap_err();
    assert!(matches!(again, TableError::TypedAlready { .. }), "{again}");
    let opened = BackendTable::<u32, v2::Order, _>::open(backend(), "orders").unwrap();
    assert_eq!(opened.get(&7).unwrap().unwrap().note, "note 7");
    assert_eq!(orders.len().unwrap(), 25_000);
    // What the program never wrote is no table.
    drop(opened);
    let missing = BackendTable::<u32, v1::Order, _>::adopt(backend(), "invoices", IntegerEncoding::Fixed).unwrap_err();
    assert!(matches!(missing, TableError::NothingToAdopt { .. }), "{missing}");
}

fn second_release(database: &Database) -> Result<TypedTable<'_, u32, v2::Order>, TableError> {
    let options = TableOptions::new().keep_previous("1.4.0").with_batches(3, usize::MAX);
    TypedTable::open_with(database, "orders", &options, &mut |_| ())
}

#[test]
fn a_rollback_counts_what_was_written_since_and_refuses_to_discard_it() {
    let (_folder, database) = shop();
    fill(&database, "orders");
    let nothing = catalog(&database).roll_back("1.4.0", Newer::Refuse).unwrap_err();
    let orders = second_release(&database).unwrap();
    let kept = catalog(&database).previous().unwrap();
    assert_eq!((kept.len(), kept[0].rows), (1, 10));
    let since = catalog(&database).changes_since("1.4.0").unwrap();
    assert!(since[0].is_empty(), "{since:?}");

    let new = |id| v2::Order { id, note: "new".into() };
    orders.insert(&100, &new(100)).unwrap();
    orders.insert(&101, &new(101)).unwrap();
    orders.insert(&3, &new(3)).unwrap();
    // Written, but as it was.
    orders.insert(&4, &v2::Order { id: 4, note: "note 4".into() }).unwrap();
    (6..9).for_each(|id| assert!(orders.remove(&id).unwrap()));
    let unknown = catalog(&database).roll_back("1.3.0", Newer::Refuse).unwrap_err();
    let before = tables(&database);
    let refused = catalog(&database).roll_back("1.4.0", Newer::Refuse).unwrap_err();
    insta::assert_snapshot!(format!("{nothing}\n\n{unknown}\n\n{refused}"));
    assert_eq!((tables(&database), orders.len().unwrap()), (before, 9));

    let lost = catalog(&database).roll_back("1.4.0", Newer::Discard).unwrap();
    assert_eq!((lost[0].added, lost[0].changed, lost[0].removed, lost[0].rows), (2, 1, 3, 10));
    assert!(matches!(orders.get(&1), Err(TableError::Stale { .. })));
    assert_eq!(tables(&database), ["orders", "typeser.typed-tables"]);
    let first = TypedTable::<u32, v1::Order>::open(&database, "orders").unwrap();
    let rows: Vec<_> = first.iter().unwrap().map(Result::unwrap).collect();
    assert_eq!(rows, (0..10).map(|id| (id, order(id))).collect::<Vec<_>>());

    // And forth again.
    assert_eq!(second_release(&database).unwrap().len().unwrap(), 10);
}

#[test]
fn a_table_is_kept_once_and_dropped_when_told_to() {
    let (_folder, database) = shop();
    fill(&database, "orders");
    second_release(&database).unwrap();
    let options = TableOptions::new().keep_previous("1.4.0");
    let third = |options: &TableOptions| {
        TypedTable::<u64, v2::Order>::open_with(&database, "orders", options, &mut |_| ()).map(|_| ())
    };
    let twice = third(&options).unwrap_err();
    assert!(matches!(twice, TableError::KeptAlready { .. }), "{twice}");
    let name = third(&TableOptions::new().keep_previous("a/b")).unwrap_err();
    assert!(matches!(name, TableError::Release { .. }), "{name}");
    third(&TableOptions::new().keep_previous("2.0.0")).unwrap();
    let releases = |database: &Database| -> Vec<String> {
        catalog(database).previous().unwrap().into_iter().map(|kept| kept.release).collect()
    };
    assert_eq!(releases(&database), ["1.4.0", "2.0.0"]);
    catalog(&database).rename_table("orders", "sales").unwrap();
    assert_eq!(catalog(&database).previous().unwrap()[0].table, "sales");
    // What later releases left goes with a rollback.
    catalog(&database).roll_back("1.4.0", Newer::Refuse).unwrap_err();
    catalog(&database).roll_back("1.4.0", Newer::Discard).unwrap();
    assert_eq!((releases(&database), tables(&database)), (vec![], vec!["sales".into(), "typeser.typed-tables".into()]));
    catalog(&database).rename_table("sales", "orders").unwrap();
    second_release(&database).unwrap();
    catalog(&database).drop_previous("1.4.0").unwrap();
    assert_eq!(tables(&database), ["orders", "typeser.typed-tables"]);
}

#[test]
fn an_interrupted_migration_that_keeps_resumes_only_as_one_that_keeps() {
    let (_folder, database) = shop();
    fill(&database, "orders");
    let open = |options: TableOptions, stop: bool| {
        let mut resumed = Vec::new();
        let options = options.with_batches(4, usize::MAX);
        let opened = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            TypedTable::<u32, v2::Order>::open_with(&database, "orders", &options, &mut |at| {
                resumed.push(at.resumed);
                if stop {
                    std::panic::resume_unwind(Box::new("killed"));
                }
            })
            .map(|_| ())
        }));
        (opened.is_ok(), resumed)
    };
    let keeping = || TableOptions::new().keep_previous("1.4.0");
    assert!(!open(TableOptions::new(), true).0);
    // The rows of the first run have no checksums.
    assert_eq!(open(keeping(), true), (false, vec![0]));
    assert_eq!(open(keeping(), false), (true, vec![4, 4]));
    assert!(catalog(&database).changes_since("1.4.0").unwrap()[0].is_empty());
}

#[test]
fn several_tables_go_back_together_in_every_backend() {
    let folder = tempfile::tempdir().unwrap();
    let backends: Vec<Box<dyn Backend>> = vec![
        Box::new(MemoryBackend::new()),
        Box::new(typeser_state::backend::RedbBackend::open(folder.path().join("state.redb")).unwrap()),
        #[cfg(feature = "fjall")]
        Box::new(typeser_state::backend::FjallBackend::open(folder.path().join("state.fjall")).unwrap()),
    ];
    for mut backend in backends {
        for name in ["orders", "returns"] {
            let mut table = BackendTable::<u32, v1::Order, _>::open(&mut backend, name).unwrap();
            (0..2_500).for_each(|id| table.insert(&id, &order(id)).unwrap());
            table.flush().unwrap();
        }
        let mut set = TableSet::new();
        set.add::<u32, v2::Order>("orders").add::<u32, v2::Order>("returns");
        set.open_in(&mut *backend, &TableOptions::new().keep_previous("1.4.0"), &mut |_| ()).unwrap();
        let mut orders = BackendTable::<u32, v2::Order, _>::open(&mut backend, "orders").unwrap();
        orders.update(&2_400, |order| order.note.clear()).unwrap();
        orders.remove(&7).unwrap();
        orders.flush().unwrap();
        let mut catalog = TableCatalog::over(&mut backend);
        let since: Vec<_> = catalog.changes_since("1.4.0").unwrap();
        let counts: Vec<_> = since.iter().map(|since| (since.added, since.changed, since.removed)).collect();
        assert_eq!(counts, [(0, 1, 1), (0, 0, 0)]);
        catalog.roll_back("1.4.0", Newer::Discard).unwrap();
        for name in ["orders", "returns"] {
            let table = BackendTable::<u32, v1::Order, _>::open(&mut backend, name).unwrap();
            assert_eq!((table.len().unwrap(), table.get(&2_400).unwrap()), (2_500, Some(order(2_400))));
        }
    }
}
