//! Ordered tables against a model, over every backend, and through releases that change the order.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::ops::Bound;

use proptest::prelude::*;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use tempfile::TempDir;
use typeser::schema::IntegerEncoding;
use typeser::{OrderedKey, StateType};
use typeser_state::backend::{Backend, MemoryBackend, RedbBackend};
use typeser_state::typed_table::{
    Newer, OrderedBackendTable, OrderedTable, TableAction, TableCatalog, TableError, TableOptions, TableSet, TypedTable,
};

#[derive(Debug, Clone, StateType, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[state(ordered)]
struct Due {
    priority: u8,
    at: i64,
    name: String,
}

fn dues() -> impl Strategy<Value = Due> {
    let names = prop::collection::vec(prop_oneof![Just('\0'), Just('\u{1}'), Just('a'), any::<char>()], 0..3);
    let at = prop_oneof![-2i64..3, any::<i64>()];
    (0u8..4, at, names).prop_map(|(priority, at, name)| Due { priority, at, name: name.into_iter().collect() })
}

#[derive(Debug, Clone)]
enum Change {
    Insert(Due, u32),
    Update(Due),
    Remove(Due),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = prop_oneof![
        4 => (dues(), any::<u32>()).prop_map(|(due, value)| Change::Insert(due, value)),
        1 => dues().prop_map(Change::Update),
        2 => dues().prop_map(Change::Remove),
    ];
    prop::collection::vec(change, 0..40)
}

fn bounds() -> impl Strategy<Value = (Bound<Due>, Bound<Due>)> {
    let bound =
        || prop_oneof![dues().prop_map(Bound::Included), dues().prop_map(Bound::Excluded), Just(Bound::Unbounded)];
    (bound(), bound())
}

/// What a `BTreeMap` panics about is an empty range.
fn between(model: &BTreeMap<Due, u32>, range: &(Bound<Due>, Bound<Due>)) -> Vec<(Due, u32)> {
    let inside = |key: &Due| std::ops::RangeBounds::contains(range, key);
    model.iter().filter(|(key, _)| inside(key)).map(|(key, value)| (key.clone(), *value)).collect()
}

fn all<K, V>(rows: impl Iterator<Item = Result<(K, V), TableError>>) -> Vec<(K, V)> {
    rows.collect::<Result<_, _>>().unwrap()
}

fn agrees<B: Backend>(backend: B, changes: &[Change], range: &(Bound<Due>, Bound<Due>), priority: u8) {
    let mut table = OrderedBackendTable::<Due, u32, B>::open(backend, "jobs").unwrap();
    let mut model = BTreeMap::new();
    for change in changes {
        match change.clone() {
            Change::Insert(key, value) => {
                table.insert(&key, &value).unwrap();
                model.insert(key, value);
            }
            Change::Update(key) => {
                let updated = table.update(&key, |value| *value = value.wrapping_add(1)).unwrap();
                assert_eq!(updated, model.get_mut(&key).map(|value| *value = value.wrapping_add(1)));
            }
            Change::Remove(key) => assert_eq!(table.remove(&key).unwrap(), model.remove(&key).is_some()),
        }
    }
    let expected: Vec<(Due, u32)> = model.clone().into_iter().collect();
    assert_eq!(all(table.iter().unwrap()), expected);
    let backwards: Vec<(Due, u32)> = expected.iter().rev().cloned().collect();
    assert_eq!(all(table.rev().unwrap()), backwards);
    assert_eq!((table.first().unwrap().as_ref(), table.last().unwrap().as_ref()), (expected.first(), expected.last()));
    let in_range = between(&model, range);
    assert_eq!(all(table.range(range.clone()).unwrap()), in_range);
    // From both ends, a row in turn.
    let (mut rows, mut front, mut back) = (table.range(range.clone()).unwrap(), Vec::new(), Vec::new());
    while let Some(row) = rows.next() {
        front.push(row.unwrap());
        back.extend(rows.next_back().transpose().unwrap());
    }
    front.extend(back.into_iter().rev());
    assert_eq!(front, in_range);
    let of_priority: Vec<_> = expected.iter().filter(|(due, _)| due.priority == priority).cloned().collect();
    assert_eq!(all(table.prefix(&(priority,)).unwrap()), of_priority);
    let near: Vec<_> = of_priority.iter().filter(|(due, _)| due.at == 0).cloned().collect();
    assert_eq!(all(table.prefix(&(priority, 0i64)).unwrap()), near);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 64 }))]

    #[test]
    fn a_table_agrees_with_a_map(changes in changes(), range in bounds(), priority in 0u8..4) {
        agrees(MemoryBackend::new(), &changes, &range, priority);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_table_in_redb_agrees_with_a_map(changes in changes(), range in bounds(), priority in 0u8..4) {
        let folder = tempfile::tempdir().unwrap();
        agrees(RedbBackend::open(folder.path().join("jobs.redb")).unwrap(), &changes, &range, priority);
    }

    #[cfg(feature = "fjall")]
    #[test]
    fn a_table_in_fjall_agrees_with_a_map(changes in changes(), range in bounds(), priority in 0u8..4) {
        let folder = tempfile::tempdir().unwrap();
        agrees(typeser_state::backend::FjallBackend::open(folder.path()).unwrap(), &changes, &range, priority);
    }

    /// Those of the program's own database, with its readers and writers.
    #[test]
    fn handles_agree_with_a_map(changes in changes(), range in bounds()) {
        let (_folder, database) = database();
        let table = OrderedTable::<Due, u32>::open(&database, "jobs").unwrap();
        let mut model = BTreeMap::new();
        for change in changes {
            if let Change::Insert(key, value) = change {
                table.insert(&key, &value).unwrap();
                model.insert(key, value);
            }
        }
        let expected: Vec<(Due, u32)> = model.clone().into_iter().collect();
        let (reader, transaction) = (table.read().unwrap(), database.begin_write().unwrap());
        let writer = table.write_in(&transaction).unwrap();
        let in_range = between(&model, &range);
        assert_eq!(all(reader.range(range.clone()).unwrap()), in_range);
        assert_eq!(all(writer.range(range.clone()).unwrap()), in_range);
        assert_eq!(all(table.range(range).unwrap()), in_range);
        let backwards: Vec<(Due, u32)> = expected.iter().rev().cloned().collect();
        for rows in [all(table.rev().unwrap()), all(reader.rev().unwrap()), all(writer.rev().unwrap())] {
            assert_eq!(rows, backwards);
        }
        for first in [table.first(), reader.first(), writer.first()] {
            assert_eq!(first.unwrap().as_ref(), expected.first());
        }
        for last in [table.last(), reader.last(), writer.last()] {
            assert_eq!(last.unwrap().as_ref(), expected.last());
        }
    }
}

fn database() -> (TempDir, Database) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::create(folder.path().join("jobs.redb")).unwrap();
    (folder, database)
}

/// The keys as they are stored, in their order.
fn stored(database: &Database, table: &str) -> Vec<Vec<u8>> {
    let transaction = database.begin_read().unwrap();
    let table = transaction.open_table(TableDefinition::<&[u8], &[u8]>::new(table)).unwrap();
    table.iter().unwrap().map(|row| row.unwrap().0.value().to_vec()).collect()
}

/// Fills a table of one release and opens it as that of the next one, which has to be a migration for this rule.
#[track_caller]
fn migrates<One: OrderedKey, Two: OrderedKey + Clone + Debug>(keys: &[One], expected: &[Two], rule: &str) {
    let (_folder, database) = database();
    let before = OrderedTable::<One, u32>::open(&database, "jobs").unwrap();
    for (key, number) in keys.iter().zip(0..) {
        before.insert(key, &number).unwrap();
    }
    let options = TableOptions::new().without_migration();
    let refused = OrderedTable::<Two, u32>::open_with(&database, "jobs", &options, &mut |_| ()).unwrap_err();
    let TableError::NeedsMigration(refusal) = &refused else { panic!("{refused}") };
    let text = refusal.reports().to_string();
    assert!(text.contains(rule), "{text}");

    let after = OrderedTable::<Two, u32>::open(&database, "jobs").unwrap();
    let found: Vec<Two> = all(after.iter().unwrap()).into_iter().map(|(key, _)| key).collect();
    assert_eq!(found, expected);
    assert!(expected.is_sorted());
    for key in expected {
        assert!(after.get(key).unwrap().is_some(), "{key:?}");
    }
    assert!(matches!(before.get(&keys[0]), Err(TableError::Stale { .. })));
    // What is stored now is what this release writes.
    assert_eq!(OrderedTable::<Two, u32>::open_read_only(&database, "jobs").unwrap().len().unwrap(), keys.len() as u64);
}

mod reordered {
    use typeser::StateType;

    #[derive(Debug, Clone, StateType, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[state(ordered)]
    pub struct Due {
        pub at: i64,
        pub priority: u8,
        pub name: String,
    }

    #[derive(Debug, Clone, StateType, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[state(ordered)]
    pub enum Level {
        #[state(tag = 1)]
        High,
        #[state(tag = 0)]
        Low,
    }

    #[derive(Debug, Clone, StateType, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[state(ordered)]
    pub struct Leveled {
        pub level: Option<Level>,
        pub id: u8,
    }
}

mod grown {
    use typeser::StateType;

    /// The tag of `Middle` is the next free one, its place is not.
    #[derive(Debug, Clone, StateType, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[state(ordered)]
    pub enum Level {
        Low,
        #[state(tag = 2)]
        Middle,
        #[state(tag = 1)]
        High,
    }

    #[derive(Debug, Clone, StateType, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[state(ordered)]
    pub struct Leveled {
        pub level: Option<Level>,
        pub id: u8,
    }
}

#[derive(Debug, Clone, StateType, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[state(ordered)]
enum Level {
    Low,
    High,
}

#[derive(Debug, Clone, StateType, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[state(ordered)]
struct Leveled {
    level: Option<Level>,
    id: u8,
}

fn leveled() -> [Leveled; 3] {
    [
        Leveled { level: Some(Level::High), id: 1 },
        Leveled { level: Some(Level::Low), id: 2 },
        Leveled { level: None, id: 3 },
    ]
}

#[test]
fn fields_in_another_order_are_migrated() {
    let due = |priority, at| Due { priority, at, name: "x".into() };
    let moved = |priority, at| reordered::Due { at, priority, name: "x".into() };
    migrates(&[due(1, 30), due(2, 20), due(3, -10)], &[moved(3, -10), moved(2, 20), moved(1, 30)], "order-changed");
}

/// Without an order, this table would be used as it is: every value keeps its tag.
#[test]
fn variants_in_another_order_are_migrated_although_their_tags_stay() {
    let of = |level, id| reordered::Leveled { level, id };
    let expected = [of(None, 3), of(Some(reordered::Level::High), 1), of(Some(reordered::Level::Low), 2)];
    migrates(&leveled(), &expected, "order-changed");
}

#[test]
fn a_variant_between_others_is_a_migration() {
    let of = |level, id| grown::Leveled { level, id };
    let expected = [of(None, 3), of(Some(grown::Level::Low), 2), of(Some(grown::Level::High), 1)];
    migrates(&leveled(), &expected, "order-changed");
}

#[test]
fn a_wider_key_is_migrated_into_its_order() {
    migrates(&[(300u16, -1i8), (2, 1)], &[(2u64, 1i64), (300, -1)], "integer-widened");
}

mod longer {
    use typeser::StateType;

    #[derive(Debug, Clone, StateType, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[state(ordered)]
    pub enum Level {
        Low,
        #[state(alias = "High")]
        Top,
        Beyond,
    }

    #[derive(Debug, Clone, StateType, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[state(ordered)]
    pub struct Leveled {
        pub level: Option<Level>,
        #[state(alias = "id")]
        pub number: u8,
    }
}

/// Names and variants behind the others leave every stored key where it is.
#[test]
fn what_keeps_the_order_keeps_the_bytes() {
    let (_folder, database) = database();
    let before = OrderedTable::<Leveled, u32>::open(&database, "jobs").unwrap();
    for key in leveled() {
        before.insert(&key, &1).unwrap();
    }
    let bytes = stored(&database, "jobs");
    let options = TableOptions::new().without_migration();
    let after = OrderedTable::<longer::Leveled, u32>::open_with(&database, "jobs", &options, &mut |_| ()).unwrap();
    let beyond = longer::Leveled { level: Some(longer::Level::Beyond), number: 0 };
    after.insert(&beyond, &2).unwrap();
    assert_eq!(stored(&database, "jobs")[..3], bytes);
    assert_eq!(after.last().unwrap(), Some((beyond, 2)));
    assert_eq!(after.first().unwrap().unwrap().0.number, 3);
}

/// The one becomes the other by a migration that the report offers, in both directions.
#[test]
fn a_table_without_an_order_becomes_one_that_has_it_and_back() {
    let (_folder, database) = database();
    let fixed = TypedTable::<i32, String>::open(&database, "jobs").unwrap();
    for number in [-3, 70_000, 2, 300] {
        fixed.insert(&number, &number.to_string()).unwrap();
    }
    let bytes = stored(&database, "jobs");
    let options = TableOptions::new().without_migration();
    let refused = OrderedTable::<i32, String>::open_with(&database, "jobs", &options, &mut |_| ()).unwrap_err();
    let text = refused.to_string();
    assert!(text.contains("integer-encoding") && text.contains("keys in order"), "{text}");
    assert_eq!(stored(&database, "jobs"), bytes, "a table that is not migrated keeps its bytes");

    let ordered = OrderedTable::<i32, String>::open(&database, "jobs").unwrap();
    let numbers: Vec<i32> = all(ordered.iter().unwrap()).into_iter().map(|(number, _)| number).collect();
    assert_eq!(numbers, [-3, 2, 300, 70_000]);
    assert_eq!(ordered.get(&300).unwrap().as_deref(), Some("300"));
    assert!(matches!(fixed.get(&300), Err(TableError::Stale { .. })));

    let fixed = TypedTable::<i32, String>::open(&database, "jobs").unwrap();
    assert_eq!(fixed.get(&300).unwrap().as_deref(), Some("300"));
    assert_eq!(stored(&database, "jobs"), bytes);
}

#[test]
fn variable_integers_become_ordered_ones() {
    let (_folder, database) = database();
    let options = TableOptions::new().with_integers(IntegerEncoding::Variable);
    let table = TypedTable::<i64, i64>::open_with(&database, "jobs", &options, &mut |_| ()).unwrap();
    for number in [-3, 70_000, 2, 300] {
        table.insert(&number, &number).unwrap();
    }
    let ordered = OrderedTable::<i64, i64>::open(&database, "jobs").unwrap();
    assert_eq!(all(ordered.iter().unwrap()), [(-3, -3), (2, 2), (300, 300), (70_000, 70_000)]);
    let tables = TableCatalog::of(&database).unwrap().tables().unwrap();
    let configurations = [tables[0].key.configuration(), tables[0].value.configuration()];
    assert_eq!(
        configurations.map(|one| (one.integers, one.ordered)),
        [(IntegerEncoding::Fixed, true), (IntegerEncoding::Variable, false)]
    );
}

#[test]
fn what_bincode_wrote_is_adopted_into_order() {
    let (_folder, database) = database();
    let definition = TableDefinition::<&[u8], &[u8]>::new("jobs");
    let transaction = database.begin_write().unwrap();
    {
        let mut table = transaction.open_table(definition).unwrap();
        for number in [300u32, 2, 70_000] {
            let (key, value) = (bincode1::serialize(&number).unwrap(), bincode1::serialize("x").unwrap());
            table.insert(&*key, &*value).unwrap();
        }
    }
    transaction.commit().unwrap();
    let refused = OrderedTable::<u32, String>::open(&database, "jobs").unwrap_err();
    assert!(matches!(refused, TableError::NotTyped { .. }), "{refused}");
    for _ in 0..2 {
        let jobs = OrderedTable::<u32, String>::open_or_adopt(&database, "jobs", IntegerEncoding::Fixed).unwrap();
        let numbers: Vec<u32> = all(jobs.iter().unwrap()).into_iter().map(|(number, _)| number).collect();
        assert_eq!(numbers, [2, 300, 70_000]);
    }
}

/// Between two attempts the release before typeser writes, and knows nothing of what is begun.
#[test]
fn an_interrupted_adoption_into_order_starts_over() {
    let (_folder, database) = database();
    let definition = TableDefinition::<&[u8], &[u8]>::new("jobs");
    let row = |number: u32, value: &str| (bincode1::serialize(&number).unwrap(), bincode1::serialize(value).unwrap());
    let write = |rows: &[(Vec<u8>, Vec<u8>)], removed: &[Vec<u8>]| {
        let transaction = database.begin_write().unwrap();
        {
            let mut table = transaction.open_table(definition).unwrap();
            for (key, value) in rows {
                table.insert(&**key, &**value).unwrap();
            }
            for key in removed {
                table.remove(&**key).unwrap();
            }
        }
        transaction.commit().unwrap();
    };
    write(&[row(1, "a"), row(2, "b"), row(3, "c")], &[]);
    let options = TableOptions::new().with_batches(1, usize::MAX).adopt(IntegerEncoding::Fixed);
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        OrderedTable::<u32, String>::open_with(&database, "jobs", &options, &mut |progress| {
            if progress.rows == 2 {
                std::panic::resume_unwind(Box::new("killed"));
            }
        })
        .unwrap();
    }));
    ended.unwrap_err();
    write(&[row(1, "changed"), row(0, "new")], &[row(2, "").0]);
    let jobs = OrderedTable::<u32, String>::open_or_adopt(&database, "jobs", IntegerEncoding::Fixed).unwrap();
    let rows: Vec<(u32, String)> = all(jobs.iter().unwrap());
    assert_eq!(rows, [(0, "new".to_owned()), (1, "changed".to_owned()), (3, "c".to_owned())]);
}

#[test]
fn a_set_holds_tables_of_both_kinds_and_says_what_becomes_of_them() {
    let (_folder, database) = database();
    TypedTable::<u32, u32>::open(&database, "jobs").unwrap().insert(&300, &1).unwrap();
    let mut set = TableSet::new();
    set.add_ordered::<u32, u32>("jobs").add::<u32, u32>("done");
    let runs = set.dry_run(&database, &TableOptions::new()).unwrap();
    let actions: Vec<TableAction> = runs.iter().map(|run| run.action).collect();
    assert_eq!(actions, [TableAction::Create, TableAction::Migrate]);
    assert_eq!((runs[1].rows, runs[1].bytes, runs[1].new_bytes, runs[1].failed), (1, 8, 8, 0));
    let tables = set.open(&database).unwrap();
    assert_eq!(tables.ordered_table::<u32, u32>("jobs").unwrap().first().unwrap(), Some((300, 1)));
    let error = tables.ordered_table::<u32, u32>("done").unwrap_err().to_string();
    assert!(error.contains("add it with `TableSet::add_ordered`"), "{error}");
}

#[test]
fn a_migration_of_the_order_can_be_rolled_back() {
    let (_folder, database) = database();
    let before = OrderedTable::<Leveled, u32>::open(&database, "jobs").unwrap();
    for (key, number) in leveled().iter().zip(0..) {
        before.insert(key, &number).unwrap();
    }
    let bytes = stored(&database, "jobs");
    let options = TableOptions::new().keep_previous("1.0");
    let after = OrderedTable::<reordered::Leveled, u32>::open_with(&database, "jobs", &options, &mut |_| ()).unwrap();
    assert_ne!(stored(&database, "jobs"), bytes);
    after.insert(&reordered::Leveled { level: None, id: 9 }, &9).unwrap();
    let mut catalog = TableCatalog::of(&database).unwrap();
    let changes = catalog.changes_since("1.0").unwrap();
    assert_eq!((changes[0].added, changes[0].changed, changes[0].removed), (1, 0, 0));
    catalog.roll_back("1.0", Newer::Discard).unwrap();
    drop(catalog);
    assert_eq!(stored(&database, "jobs"), bytes);
    let back = OrderedTable::<Leveled, u32>::open(&database, "jobs").unwrap();
    assert_eq!(back.get(&leveled()[1]).unwrap(), Some(1));
}

/// Errors show the key, not the bytes of its ordered form.
#[test]
fn an_error_shows_the_key() {
    let (_folder, database) = database();
    let jobs = OrderedTable::<i32, bool>::open(&database, "jobs").unwrap();
    jobs.insert(&-7, &true).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut rows = transaction.open_table(TableDefinition::<&[u8], &[u8]>::new("jobs")).unwrap();
        rows.insert(&[0x7f, 0xff, 0xff, 0xf9][..], &[2][..]).unwrap();
    }
    transaction.commit().unwrap();
    let error = jobs.get(&-7).unwrap_err().to_string();
    assert!(error.contains("-7"), "{error}");
}
