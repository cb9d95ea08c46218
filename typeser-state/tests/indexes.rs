//! Secondary indexes: declared, written with the rows, read, built, and what becomes of them in the life of a table.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "a test")]

use redb::{Database, ReadableDatabase, ReadableTableMetadata, TableDefinition};
use typeser::StateType;
use typeser_state::backend::{Backend, MemoryBackend};
use typeser_state::typed_table::{
    BackendTable, IndexError, Newer, OrderedTable, TableCatalog, TableError, TableIndex, TableOptions, TableSet,
    TypedTable,
};

mod v1 {
    #[derive(typeser::StateType, Debug, Clone, PartialEq)]
    pub struct User {
        pub mail: String,
        pub age: u8,
    }
}

mod v2 {
    fn lower(old: super::v1::User) -> User {
        User { age: old.age.into(), mail: old.mail.to_lowercase() }
    }

    #[derive(typeser::StateType, Debug, Clone, PartialEq)]
    #[state(version = 2, migrate(1 => lower))]
    pub struct User {
        pub age: u16,
        pub mail: String,
    }
}

type Index<V, I> = TableIndex<u32, V, I>;

const BY_AGE: Index<v1::User, u8> = TableIndex::new("by age", 1, |_, user| user.age);
const BY_MAIL: Index<v1::User, String> = TableIndex::unique("by mail", 1, |_, user| user.mail.clone());
const NEW_BY_AGE: Index<v2::User, u16> = TableIndex::new("by age", 1, |_, user| user.age);
const NEW_BY_MAIL: Index<v2::User, String> = TableIndex::unique("by mail", 1, |_, user| user.mail.clone());

fn indexed() -> TableOptions {
    TableOptions::new().with_index(&BY_MAIL).with_index(&BY_AGE)
}

fn newly_indexed() -> TableOptions {
    TableOptions::new().with_index(&NEW_BY_AGE).with_index(&NEW_BY_MAIL)
}

fn user(mail: &str, age: u8) -> v1::User {
    v1::User { mail: mail.to_owned(), age }
}

fn new_user(mail: &str, age: u16) -> v2::User {
    v2::User { mail: mail.to_owned(), age }
}

fn open<'db, V: StateType>(
    database: &'db Database,
    options: &TableOptions,
) -> Result<TypedTable<'db, u32, V>, TableError> {
    TypedTable::open_with(database, "users", options, &mut |_| ())
}

const USERS: [(u32, &str, u8); 5] =
    [(300, "elm", 40), (2, "dove", 30), (7, "amber", 40), (1, "cedar", 30), (9, "b", 9)];

/// A database with the users, in a table that was opened with these options.
fn shop(options: &TableOptions) -> (tempfile::TempDir, Database) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::create(folder.path().join("shop.redb")).unwrap();
    let users = open::<v1::User>(&database, options).unwrap();
    USERS.iter().for_each(|(id, mail, age)| users.insert(id, &user(mail, *age)).unwrap());
    (folder, database)
}

/// How many rows each table of the database has, without the records.
fn tables(database: &Database) -> Vec<(String, u64)> {
    let read = database.begin_read().unwrap();
    let names = read.list_tables().unwrap().map(|table| redb::TableHandle::name(&table).to_owned());
    let rows = |name: String| {
        let rows = read.open_table(TableDefinition::<&[u8], &[u8]>::new(&name)).unwrap().len().unwrap();
        (name, rows)
    };
    let mut tables: Vec<_> = names.filter(|name| name != "typeser.typed-tables").map(rows).collect();
    tables.sort();
    tables
}

fn named(names: &[(&str, u64)]) -> Vec<(String, u64)> {
    names.iter().map(|(name, rows)| ((*name).to_owned(), *rows)).collect()
}

fn record_version(database: &Database) -> u8 {
    const RECORDS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("typeser.typed-tables");
    let records = database.begin_read().unwrap().open_table(RECORDS).unwrap();
    records.get(&b"tusers"[..]).unwrap().unwrap().value()[0]
}

/// The ids of rows.
fn ids<V>(rows: impl Iterator<Item = Result<(u32, V), TableError>>) -> Vec<u32> {
    rows.map(|row| row.unwrap().0).collect()
}

#[test]
fn rows_are_read_in_the_order_of_an_index_in_ranges_and_from_both_ends() {
    let (_folder, database) = shop(&indexed());
    let users = open::<v1::User>(&database, &indexed()).unwrap();
    let by_age = users.by_index(&BY_AGE).unwrap();
    // Rows with the same part lie in the order of their stored keys, which are little-endian.
    assert_eq!(ids(by_age.iter()), [9, 1, 2, 7, 300]);
    assert_eq!(ids(by_age.rev()), [300, 7, 2, 1, 9]);
    assert_eq!(by_age.first().unwrap(), Some((9, user("b", 9))));
    assert_eq!(by_age.last().unwrap(), Some((300, user("elm", 40))));
    assert_eq!(ids(by_age.get_all(&30).unwrap()), [1, 2]);
    assert_eq!(ids(by_age.get_all(&31).unwrap()), [0; 0]);
    assert_eq!(by_age.get(&40).unwrap(), Some((7, user("amber", 40))));
    assert_eq!(ids(by_age.range(30..).unwrap()), [1, 2, 7, 300]);
    assert_eq!(ids(by_age.range(30..40).unwrap()), [1, 2]);
    assert_eq!(ids(by_age.range(..=30).unwrap()), [9, 1, 2]);
    assert_eq!(ids(by_age.range(..).unwrap().rev()), [300, 7, 2, 1, 9]);
    use std::ops::Bound::{Excluded, Included, Unbounded};
    assert_eq!(ids(by_age.range((Excluded(30), Unbounded)).unwrap()), [7, 300]);
    assert_eq!(ids(by_age.range((Excluded(9), Excluded(40))).unwrap()), [1, 2]);
    assert_eq!(ids(by_age.range((Included(41), Excluded(3))).unwrap()), [0; 0]);
    let mut both = by_age.iter();
    let ends = [both.next(), both.next_back(), both.next(), both.next_back(), both.next_back(), both.next()];
    assert_eq!(ends.map(|row| row.map(|row| row.unwrap().0)), [Some(9), Some(300), Some(1), Some(7), Some(2), None]);

    let by_mail = users.by_index(&BY_MAIL).unwrap();
    assert_eq!(ids(by_mail.iter()), [7, 9, 1, 2, 300]);
    assert_eq!(by_mail.get("dove").unwrap(), Some((2, user("dove", 30))));
    assert_eq!(ids(by_mail.range("b".to_owned().."dove".to_owned()).unwrap()), [9, 1]);
    assert_eq!(ids(by_mail.prefix("d").unwrap()), [2]);
    // It is the table as it was: a later row does not show.
    users.insert(&11, &user("fox", 30)).unwrap();
    assert_eq!((by_mail.get("fox").unwrap(), ids(by_age.get_all(&30).unwrap())), (None, vec![1, 2]));
    assert_eq!(tables(&database), named(&[("typeser.indexes.users", 12), ("users", 6)]));
}

#[test]
fn more_entries_than_are_read_at_once_come_in_order_from_both_ends() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::create(folder.path().join("shop.redb")).unwrap();
    const BY_TENS: TableIndex<u32, u32, u32> = TableIndex::new("by tens", 1, |_, number| number / 10);
    let options = TableOptions::new().with_index(&BY_TENS);
    let numbers = OrderedTable::<u32, u32>::open_with(&database, "numbers", &options, &mut |_| ()).unwrap();
    let transaction = database.begin_write().unwrap();
    let mut writer = numbers.write_in(&transaction).unwrap();
    (0..2_000).rev().for_each(|number| writer.insert(&number, &number).unwrap());
    drop(writer);
    transaction.commit().unwrap();
    let by_tens = numbers.by_index(&BY_TENS).unwrap();
    assert!(ids(by_tens.iter()).into_iter().eq(0..2_000));
    assert!(ids(by_tens.rev()).into_iter().eq((0..2_000).rev()));
    assert!(ids(by_tens.range(30..=60).unwrap()).into_iter().eq(300..610));
    let (mut rows, mut front, mut back) = (by_tens.iter(), Vec::new(), Vec::new());
    while let Some(row) = rows.next() {
        front.push(row.unwrap().0);
        back.extend(rows.next_back().map(|row| row.unwrap().0));
    }
    assert!(front.into_iter().chain(back.into_iter().rev()).eq(0..2_000));
}

#[test]
fn every_write_writes_the_entries_of_its_row() {
    let (_folder, database) = shop(&indexed());
    let users = open::<v1::User>(&database, &indexed()).unwrap();
    users.insert(&2, &user("fox", 41)).unwrap();
    users.update(&9, |user| user.age = 40).unwrap();
    assert!(users.remove(&7).unwrap() && !users.remove(&7).unwrap());
    // A row that keeps its parts keeps its entries, and is no conflict with itself.
    users.insert(&300, &user("elm", 40)).unwrap();
    assert_eq!(users.update(&8, |user| user.age = 1).unwrap(), None);
    let by_age = users.by_index(&BY_AGE).unwrap();
    assert_eq!(ids(by_age.iter()), [1, 9, 300, 2]);
    let by_mail = users.by_index(&BY_MAIL).unwrap();
    assert_eq!((by_mail.get("dove").unwrap(), by_mail.get("fox").unwrap()), (None, Some((2, user("fox", 41)))));
    assert_eq!(tables(&database), named(&[("typeser.indexes.users", 8), ("users", 4)]));

    // What a transaction has written is read in it, and is not there if it is not committed.
    let transaction = database.begin_write().unwrap();
    let mut writer = users.write_in(&transaction).unwrap();
    writer.insert(&5, &user("gull", 1)).unwrap();
    writer.remove(&1).unwrap();
    assert_eq!(ids(writer.by_index(&BY_AGE).unwrap().iter()), [5, 9, 300, 2]);
    assert_eq!(writer.by_index(&BY_MAIL).unwrap().get("gull").unwrap(), Some((5, user("gull", 1))));
    drop(writer);
    transaction.abort().unwrap();
    assert_eq!(ids(users.by_index(&BY_AGE).unwrap().iter()), [1, 9, 300, 2]);
    let read = database.begin_read().unwrap();
    assert_eq!(ids(users.by_index_in(&read, &BY_AGE).unwrap().iter()), [1, 9, 300, 2]);
}

#[test]
fn a_unique_index_refuses_a_second_row_and_names_both_and_nothing_is_written() {
    let (_folder, database) = shop(&indexed());
    let users = open::<v1::User>(&database, &indexed()).unwrap();
    let before = tables(&database);
    let transaction = database.begin_write().unwrap();
    let mut writer = users.write_in(&transaction).unwrap();
    let refused = writer.insert(&8, &user("dove", 99)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "table `users`: the rows with the keys 2 and 8 would have the same part in the unique index `by mail`: \"dove\"; \
         nothing was written"
    );
    let refused = writer.update(&9, |user| *user = self::user("elm", 1)).unwrap_err();
    let TableError::Index(IndexError::NotUnique { table, index, keys, part, .. }) = &refused else {
        panic!("{refused}")
    };
    assert_eq!((table.as_str(), index.as_str(), part.as_str()), ("users", "by mail", "\"elm\""));
    assert_eq!(*keys, ["300".to_owned(), "9".to_owned()]);
    // The index that is not unique comes first, and has no entry of these rows.
    assert_eq!(ids(writer.by_index(&BY_AGE).unwrap().iter()), [9, 1, 2, 7, 300]);
    drop(writer);
    transaction.commit().unwrap();
    assert_eq!((users.get(&8).unwrap(), users.get(&9).unwrap()), (None, Some(user("b", 9))));
    assert_eq!(tables(&database), before);
    // What was taken is free again.
    users.remove(&2).unwrap();
    users.insert(&8, &user("dove", 99)).unwrap();
}

#[test]
fn opening_builds_the_indexes_of_rows_that_are_there_and_handles_from_before_are_stale() {
    let (_folder, database) = shop(&TableOptions::new());
    let before = open::<v1::User>(&database, &TableOptions::new()).unwrap();
    assert_eq!(record_version(&database), 1);
    let batches = indexed().with_batches(2, 1 << 20);
    let users = open::<v1::User>(&database, &batches).unwrap();
    assert_eq!(record_version(&database), 3);
    assert_eq!(ids(users.by_index(&BY_AGE).unwrap().iter()), [9, 1, 2, 7, 300]);
    assert_eq!(ids(users.by_index(&BY_MAIL).unwrap().iter()), [7, 9, 1, 2, 300]);
    assert_eq!(tables(&database), named(&[("typeser.indexes.users", 10), ("users", 5)]));
    assert!(matches!(before.insert(&4, &user("fox", 1)), Err(TableError::Stale { .. })));
    assert!(matches!(before.get(&4), Err(TableError::Stale { .. })));

    // Opened again, nothing is built or written.
    let generation = |database| TableCatalog::of(database).unwrap().tables().unwrap()[0].generation;
    let built = generation(&database);
    open::<v1::User>(&database, &indexed().without_migration()).unwrap();
    assert_eq!((built, generation(&database)), (1, 1));
    users.insert(&4, &user("fox", 1)).unwrap();
}

#[test]
fn a_changed_declaration_builds_again() {
    let (_folder, database) = shop(&indexed());
    let open_with = |index: &Index<v1::User, u32>| open::<v1::User>(&database, &TableOptions::new().with_index(index));
    const BY_LENGTH: Index<v1::User, u32> = TableIndex::new("by mail", 1, |_, user| user.mail.len() as u32);
    // Another type of parts, and not unique.
    let users = open_with(&BY_LENGTH).unwrap();
    assert_eq!(ids(users.by_index(&BY_LENGTH).unwrap().iter()), [9, 300, 2, 1, 7]);
    assert_eq!(tables(&database)[0].1, 5);
    // Another function, which nobody can see, and then the version that says so.
    const FROM_BEHIND: Index<v1::User, u32> = TableIndex::new("by mail", 1, |_, user| 100 - user.mail.len() as u32);
    const VERSION_2: Index<v1::User, u32> = TableIndex::new("by mail", 2, |_, user| 100 - user.mail.len() as u32);
    let users = open_with(&FROM_BEHIND).unwrap();
    assert_eq!(ids(users.by_index(&FROM_BEHIND).unwrap().iter()), [9, 300, 2, 1, 7]);
    let again = open_with(&VERSION_2).unwrap();
    assert_eq!(ids(again.by_index(&VERSION_2).unwrap().iter()), [1, 7, 2, 300, 9]);
    assert!(matches!(users.remove(&1), Err(TableError::Stale { .. })));
    // Unique from now on.
    const BY_KEY: Index<v1::User, u32> = TableIndex::unique("by mail", 2, |id, _| *id);
    let users = open_with(&BY_KEY).unwrap();
    assert_eq!(ids(users.by_index(&BY_KEY).unwrap().iter()), [1, 2, 7, 9, 300]);
    assert_eq!(TableCatalog::of(&database).unwrap().tables().unwrap()[0].indexes[0].version, 2);
}

#[test]
fn a_migration_of_the_rows_builds_again() {
    let (_folder, database) = shop(&indexed());
    let users = open::<v2::User>(&database, &newly_indexed()).unwrap();
    assert_eq!(ids(users.by_index(&NEW_BY_AGE).unwrap().range(30..).unwrap()), [1, 2, 7, 300]);
    assert_eq!(users.by_index(&NEW_BY_MAIL).unwrap().get("elm").unwrap(), Some((300, new_user("elm", 40))));
    users.insert(&2, &new_user("dove", 999)).unwrap();
    assert_eq!(users.by_index(&NEW_BY_AGE).unwrap().last().unwrap(), Some((2, new_user("dove", 999))));
    assert_eq!(tables(&database), named(&[("typeser.indexes.users", 10), ("users", 5)]));
    drop(users);

    // Keys migrate too: to others, and into an order.
    const OF_WIDE: TableIndex<u64, v2::User, u16> = TableIndex::new("by age", 1, |_, user| user.age);
    let options = TableOptions::new().with_index(&OF_WIDE);
    let users = OrderedTable::<u64, v2::User>::open_with(&database, "users", &options, &mut |_| ()).unwrap();
    let rows: Vec<u64> = users.by_index(&OF_WIDE).unwrap().iter().map(|row| row.unwrap().0).collect();
    assert_eq!(rows, [9, 1, 7, 300, 2]);
    assert_eq!(tables(&database), named(&[("typeser.indexes.users", 5), ("users", 5)]));
}

#[test]
fn rows_that_conflict_refuse_the_opening_and_everything_is_as_it_was() {
    let (_folder, database) = shop(&TableOptions::new());
    let users = open::<v1::User>(&database, &TableOptions::new()).unwrap();
    users.insert(&10, &user("elm", 7)).unwrap();
    let before = tables(&database);
    let refused = open::<v1::User>(&database, &indexed().with_batches(1, 1)).unwrap_err();
    let TableError::Index(IndexError::NotUnique { keys, .. }) = &refused else { panic!("{refused}") };
    assert_eq!(*keys, ["10".to_owned(), "300".to_owned()]);
    assert_eq!((tables(&database), record_version(&database)), (before.clone(), 1));
    // The handle from before reads and writes on.
    users.insert(&12, &user("gull", 7)).unwrap();
    users.remove(&12).unwrap();

    // Values that become equal by a migration: `ELM` and `elm`.
    users.insert(&10, &user("ELM", 7)).unwrap();
    let users = open::<v1::User>(&database, &indexed()).unwrap();
    let before = tables(&database);
    let refused = open::<v2::User>(&database, &newly_indexed()).unwrap_err();
    assert!(matches!(refused, TableError::Index(IndexError::NotUnique { .. })), "{refused}");
    assert_eq!(tables(&database), before);
    users.insert(&10, &user("gull", 7)).unwrap();
    assert_eq!(users.by_index(&BY_MAIL).unwrap().get("ELM").unwrap(), None);
    assert_eq!(open::<v2::User>(&database, &newly_indexed()).unwrap().len().unwrap(), 6);
}

#[test]
fn a_set_switches_no_table_if_an_index_of_one_cannot_be_built() {
    let (_folder, database) = shop(&indexed());
    TypedTable::<u8, u32>::open(&database, "a").unwrap().insert(&1, &2).unwrap();
    TypedTable::<u8, u32>::open(&database, "zebras").unwrap().insert(&1, &2).unwrap();
    let users = open::<v1::User>(&database, &indexed()).unwrap();
    users.insert(&10, &user("ELM", 7)).unwrap();
    let mut set = TableSet::new();
    set.add::<u8, u64>("a").add::<u8, u64>("zebras");
    set.add_with::<u32, v2::User>("users", |options| options.with_index(&NEW_BY_MAIL).with_index(&NEW_BY_AGE));
    let before = tables(&database);
    let refused = set.open(&database).unwrap_err();
    assert!(matches!(refused, TableError::Index(IndexError::NotUnique { .. })), "{refused}");
    assert_eq!(tables(&database), before);
    users.remove(&10).unwrap();
    TypedTable::<u8, u32>::open(&database, "a").unwrap().insert(&2, &2).unwrap();

    let open = set.open(&database).unwrap();
    assert_eq!(open.table::<u8, u64>("a").unwrap().len().unwrap(), 2);
    let users = open.table::<u32, v2::User>("users").unwrap();
    assert_eq!(ids(users.by_index(&NEW_BY_AGE).unwrap().iter()), [9, 1, 2, 7, 300]);
    // Options of the whole set are not those of a table with other rows.
    let refused = set.open_with(&database, &newly_indexed(), &mut |_| ()).unwrap_err();
    assert!(refused.to_string().contains("index `by age` of table `a`: it is over rows"), "{refused}");
}

#[test]
fn a_dry_run_names_the_indexes_and_counts_the_rows_that_conflict() {
    let (_folder, database) = shop(&TableOptions::new());
    let users = open::<v1::User>(&database, &TableOptions::new()).unwrap();
    let mut set = TableSet::new();
    set.add_with::<u32, v2::User>("users", |options| options.with_index(&NEW_BY_MAIL).with_index(&NEW_BY_AGE));
    let dry_run = |set: &TableSet| set.dry_run(&database, &TableOptions::new()).unwrap().remove(0);
    let run = dry_run(&set);
    assert_eq!((run.indexes, run.failed, run.rows), (vec!["by age".to_owned(), "by mail".to_owned()], 0, 5));
    users.insert(&20, &user("ELM", 1)).unwrap();
    users.insert(&21, &user("Elm", 1)).unwrap();
    let run = dry_run(&set);
    assert_eq!((run.failed, run.failures.len()), (2, 2));
    assert!(matches!(run.failures[0], TableError::Index(IndexError::NotUnique { .. })), "{:?}", run.failures);
    assert_eq!(tables(&database), named(&[("users", 7)]));
    // Without a migration: the three mails differ.
    set.add_with::<u32, v1::User>("users", |options| options.with_index(&BY_MAIL));
    let run = dry_run(&set);
    assert_eq!((run.indexes, run.failed), (vec!["by mail".to_owned()], 0));
    users.insert(&22, &user("Elm", 1)).unwrap();
    assert_eq!(dry_run(&set).failed, 1);
}

/// An entry of what is not stored could not be found again when its row is changed.
#[test]
fn what_is_not_stored_makes_no_entry() {
    #[derive(StateType)]
    struct Cached {
        #[state(skip)]
        cache: u32,
        stored: u32,
    }
    const BY_CACHE: Index<Cached, u32> = TableIndex::unique("by cache", 1, |_, row| row.cache);
    let (_folder, database) = shop(&TableOptions::new());
    let options = TableOptions::new().with_index(&BY_CACHE);
    let rows = TypedTable::<u32, Cached>::open_with(&database, "cached", &options, &mut |_| ()).unwrap();
    rows.insert(&1, &Cached { cache: 5, stored: 1 }).unwrap();
    let found: Vec<u32> = rows.by_index(&BY_CACHE).unwrap().iter().map(|row| row.unwrap().0).collect();
    assert_eq!(found, [1]);
    assert!(rows.by_index(&BY_CACHE).unwrap().get(&5).unwrap().is_none());
    rows.update(&1, |row| (row.cache, row.stored) = (6, 2)).unwrap();
    assert!(rows.remove(&1).unwrap());
    rows.insert(&2, &Cached { cache: 5, stored: 1 }).unwrap();
    assert_eq!(rows.by_index(&BY_CACHE).unwrap().iter().count(), 1);
}

#[test]
fn an_opening_without_migration_builds_nothing_and_deletes_nothing() {
    const REFUSED: &str = "the stored indexes of table `users` are not those that are declared, and \
                           `without_migration()` neither builds nor deletes any: declare the stored ones, or open the \
                           table once without that";
    let (_folder, database) = shop(&TableOptions::new());
    let refused = open::<v1::User>(&database, &indexed().without_migration()).unwrap_err();
    assert_eq!(refused.to_string(), REFUSED);
    drop(open::<v1::User>(&database, &indexed()).unwrap());
    let refused = open::<v1::User>(&database, &TableOptions::new().without_migration()).unwrap_err();
    assert_eq!(refused.to_string(), REFUSED);
    drop(open::<v1::User>(&database, &indexed().without_migration()).unwrap());
    // There is nothing to build of no rows, and nothing that takes time in a deletion.
    let users = open::<v1::User>(&database, &TableOptions::new()).unwrap();
    USERS.iter().for_each(|(id, ..)| assert!(users.remove(id).unwrap()));
    open::<v1::User>(&database, &indexed().without_migration()).unwrap();
    open::<v1::User>(&database, &TableOptions::new().without_migration()).unwrap();
    assert_eq!(tables(&database), named(&[("users", 0)]));
}

#[test]
fn a_table_with_indexes_is_not_migrated_lazily() {
    let (_folder, database) = shop(&indexed());
    let refused = open::<v2::User>(&database, &newly_indexed().migrate_lazily()).unwrap_err();
    assert!(matches!(&refused, TableError::Index(IndexError::Lazy { table }) if table == "users"), "{refused}");
    assert_eq!(tables(&database), named(&[("typeser.indexes.users", 10), ("users", 5)]));
    // Where nothing has to be migrated, the option changes nothing.
    open::<v1::User>(&database, &indexed().migrate_lazily()).unwrap();
    // Without indexes, it is: then they are deleted.
    let users = open::<v2::User>(&database, &TableOptions::new().migrate_lazily()).unwrap();
    assert_eq!((users.unmigrated_rows().unwrap(), record_version(&database)), (5, 2));
    assert!(!tables(&database).iter().any(|(name, _)| name.starts_with("typeser.indexes")));
    // And back: what is left is migrated, and the indexes are built of all.
    users.insert(&2, &new_user("fox", 1)).unwrap();
    let refused = open::<v2::User>(&database, &newly_indexed().migrate_lazily()).unwrap_err();
    assert!(matches!(&refused, TableError::Index(IndexError::Lazy { .. })), "{refused}");
    let users = open::<v2::User>(&database, &newly_indexed()).unwrap();
    assert_eq!(ids(users.by_index(&NEW_BY_AGE).unwrap().iter()), [2, 9, 1, 7, 300]);
    assert_eq!((users.unmigrated_rows().unwrap(), record_version(&database)), (0, 3));
}

#[test]
fn indexes_that_are_not_declared_are_deleted() {
    let (_folder, database) = shop(&indexed());
    let indexed_users = open::<v1::User>(&database, &indexed()).unwrap();
    // A reader that cannot write leaves them.
    assert_eq!(TypedTable::<u32, v1::User>::open_read_only(&database, "users").unwrap().len().unwrap(), 5);
    indexed_users.insert(&4, &user("fox", 1)).unwrap();

    let users = open::<v1::User>(&database, &TableOptions::new()).unwrap();
    assert_eq!((tables(&database), record_version(&database)), (named(&[("users", 6)]), 1));
    assert!(matches!(indexed_users.insert(&5, &user("gull", 1)), Err(TableError::Stale { .. })));
    assert!(matches!(indexed_users.by_index(&BY_AGE), Err(TableError::Stale { .. })));
    let missing = users.by_index(&BY_AGE).unwrap_err();
    assert_eq!(
        missing.to_string(),
        "table `users` was opened without the index `by age`: declare it with `TableOptions::with_index` when the table is \
         opened"
    );
    // One of two.
    let users = open::<v1::User>(&database, &TableOptions::new().with_index(&BY_AGE)).unwrap();
    assert!(matches!(users.by_index(&BY_MAIL), Err(TableError::Index(IndexError::NotDeclared { .. }))));
    // Another index of this name.
    const OF_MAIL: Index<v1::User, String> = TableIndex::new("by age", 1, |_, user| user.mail.clone());
    assert!(matches!(users.by_index(&OF_MAIL), Err(TableError::Index(IndexError::NotDeclared { .. }))));
    assert_eq!(tables(&database), named(&[("typeser.indexes.users", 6), ("users", 6)]));
}

#[test]
fn declarations_that_no_table_can_have_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::create(folder.path().join("shop.redb")).unwrap();
    let refused = |options: TableOptions| open::<v1::User>(&database, &options).unwrap_err().to_string();
    const NAMELESS: Index<v1::User, u8> = TableIndex::new("", 1, |_, user| user.age);
    assert!(refused(TableOptions::new().with_index(&NAMELESS)).contains("its name has to take 1 to 255 bytes"));
    let twice = refused(indexed().with_index(&BY_AGE));
    assert!(twice.contains("index `by age` of table `users`: it is declared twice"), "{twice}");
    let other = refused(newly_indexed());
    assert!(other.contains("it is over rows `(u32, indexes::v2::User)`, and those of the table are"), "{other}");
    assert_eq!(tables(&database), []);
}

#[test]
fn indexes_are_renamed_dropped_and_reset_with_their_table() {
    let (_folder, database) = shop(&indexed());
    let mut catalog = TableCatalog::of(&database).unwrap();
    let [table] = &catalog.tables().unwrap()[..] else { panic!("one table") };
    let [by_age, by_mail] = &table.indexes[..] else { panic!("two indexes") };
    assert_eq!((by_age.name.as_str(), by_age.version, by_age.unique, by_age.part.name()), ("by age", 1, false, "u8"));
    assert_eq!((by_mail.name.as_str(), by_mail.unique, by_mail.part.name()), ("by mail", true, "string"));
    catalog.rename_table("users", "people").unwrap();
    drop(catalog);
    assert_eq!(tables(&database), named(&[("people", 5), ("typeser.indexes.people", 10)]));
    let options = indexed().without_migration();
    let people = TypedTable::<u32, v1::User>::open_with(&database, "people", &options, &mut |_| ()).unwrap();
    assert_eq!(people.by_index(&BY_MAIL).unwrap().get("dove").unwrap(), Some((2, user("dove", 30))));

    // A cache that does not fit starts over, with its indexes.
    const BY_LETTER: TableIndex<u32, char, char> = TableIndex::new("by letter", 1, |_, letter| *letter);
    let options = TableOptions::new().with_index(&BY_LETTER).reset_if_incompatible();
    let letters = TypedTable::<u32, char>::open_with(&database, "people", &options, &mut |_| ()).unwrap();
    assert_eq!(tables(&database), named(&[("people", 0), ("typeser.indexes.people", 0)]));
    letters.insert(&1, &'x').unwrap();
    assert_eq!(letters.by_index(&BY_LETTER).unwrap().get(&'x').unwrap(), Some((1, 'x')));

    TableCatalog::of(&database).unwrap().drop_table("people").unwrap();
    assert_eq!(tables(&database), []);
    let letters = TypedTable::<u32, char>::open_with(&database, "people", &options, &mut |_| ()).unwrap();
    letters.insert(&2, &'y').unwrap();
    assert_eq!(letters.by_index(&BY_LETTER).unwrap().first().unwrap(), Some((2, 'y')));
}

#[test]
fn a_rollback_deletes_the_indexes_and_the_release_before_builds_its_own() {
    let (_folder, database) = shop(&indexed());
    let users = open::<v2::User>(&database, &newly_indexed().keep_previous("1.4.0")).unwrap();
    users.insert(&2, &new_user("fox", 1)).unwrap();
    let mut catalog = TableCatalog::of(&database).unwrap();
    catalog.roll_back("1.4.0", Newer::Discard).unwrap();
    drop(catalog);
    assert_eq!((tables(&database), record_version(&database)), (named(&[("users", 5)]), 1));
    let users = open::<v1::User>(&database, &indexed()).unwrap();
    assert_eq!(ids(users.by_index(&BY_MAIL).unwrap().iter()), [7, 9, 1, 2, 300]);
}

#[test]
fn tables_of_backends_have_indexes_too() {
    fn lives<B: Backend>(mut backend: B) {
        let options = TableOptions::new();
        let mut users =
            BackendTable::<u32, v1::User, _>::open_with(&mut backend, "users", &options, &mut |_| ()).unwrap();
        USERS.iter().for_each(|(id, mail, age)| users.insert(id, &user(mail, *age)).unwrap());
        let mut users =
            BackendTable::<u32, v1::User, _>::open_with(&mut backend, "users", &indexed(), &mut |_| ()).unwrap();
        assert_eq!(ids(users.by_index(&BY_AGE).unwrap().iter()), [9, 1, 2, 7, 300]);
        assert_eq!(ids(users.by_index(&BY_AGE).unwrap().rev()), [300, 7, 2, 1, 9]);
        let refused = users.insert(&8, &user("dove", 99)).unwrap_err();
        assert!(matches!(refused, TableError::Index(IndexError::NotUnique { .. })), "{refused}");
        let refused = users.update(&9, |user| user.mail = "elm".into()).unwrap_err();
        assert!(matches!(refused, TableError::Index(IndexError::NotUnique { .. })), "{refused}");
        users.update(&9, |user| user.age = 41).unwrap();
        users.insert(&2, &user("fox", 40)).unwrap();
        assert!(users.remove(&7).unwrap() && !users.remove(&7).unwrap());
        assert_eq!(ids(users.by_index(&BY_AGE).unwrap().iter()), [1, 2, 300, 9]);
        assert_eq!(ids(users.by_index(&BY_MAIL).unwrap().range("c".to_owned()..).unwrap()), [1, 300, 2]);
        users.flush().unwrap();
        let users =
            BackendTable::<u32, v2::User, _>::open_with(&mut backend, "users", &newly_indexed(), &mut |_| ()).unwrap();
        assert_eq!(ids(users.by_index(&NEW_BY_AGE).unwrap().iter()), [1, 2, 300, 9]);
        let users = BackendTable::<u32, v2::User, _>::open(&mut backend, "users").unwrap();
        assert!(matches!(users.by_index(&NEW_BY_AGE), Err(TableError::Index(IndexError::NotDeclared { .. }))));
        assert_eq!(backend.find_table("typeser.indexes.users").unwrap(), None);
    }

    let folder = tempfile::tempdir().unwrap();
    lives(MemoryBackend::new());
    lives(typeser_state::backend::RedbBackend::open(folder.path().join("shop.redb")).unwrap());
    #[cfg(feature = "fjall")]
    lives(typeser_state::backend::FjallBackend::open(folder.path().join("shop.fjall")).unwrap());
}

#[test]
fn a_table_that_bincode_wrote_is_adopted_with_indexes() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::create(folder.path().join("shop.redb")).unwrap();
    const STOCK: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("stock");
    const BY_COUNT: TableIndex<String, u32, u32> = TableIndex::new("by count", 1, |_, count| *count);
    let transaction = database.begin_write().unwrap();
    for (name, count) in [("apples", 3u32), ("pears", 1)] {
        let (name, count) = (bincode1::serialize(name).unwrap(), bincode1::serialize(&count).unwrap());
        transaction.open_table(STOCK).unwrap().insert(&*name, &*count).unwrap();
    }
    transaction.commit().unwrap();
    let options = TableOptions::new().adopt(typeser::schema::IntegerEncoding::Fixed).with_index(&BY_COUNT);
    let stock = TypedTable::<String, u32>::open_with(&database, "stock", &options, &mut |_| ()).unwrap();
    assert_eq!(stock.by_index(&BY_COUNT).unwrap().first().unwrap(), Some(("pears".to_owned(), 1)));
    assert_eq!(tables(&database), named(&[("stock", 2), ("typeser.indexes.stock", 2)]));
    drop(stock);

    // The command migrates without the program, which alone can build indexes: it does so when it opens the table.
    let value = typeser::Serializer::<u64>::new().unwrap();
    let target = typeser_state::typed_table::TableTarget::new(
        "stock",
        None,
        Some(typeser::TypeSerializer::snapshot(&value).clone()),
    );
    let mut catalog = TableCatalog::of(&database).unwrap();
    catalog.migrate(&[target], &TableOptions::new(), &mut |_| ()).unwrap();
    drop(catalog);
    assert_eq!(tables(&database), named(&[("stock", 2)]));
    const WIDE: TableIndex<String, u64, u64> = TableIndex::new("by count", 1, |_, count| *count);
    let options = TableOptions::new().with_index(&WIDE);
    let stock = TypedTable::<String, u64>::open_with(&database, "stock", &options, &mut |_| ()).unwrap();
    assert_eq!(stock.by_index(&WIDE).unwrap().last().unwrap(), Some(("apples".to_owned(), 3)));
}

#[cfg(feature = "fjall")]
#[test]
fn a_keyspace_of_the_program_is_adopted_with_indexes() {
    const BY_COUNT: TableIndex<String, u32, u32> = TableIndex::new("by count", 1, |_, count| *count);
    let folder = tempfile::tempdir().unwrap();
    let database = fjall::Database::builder(folder.path()).open().unwrap();
    let keyspace = database.keyspace("stock", fjall::KeyspaceCreateOptions::default).unwrap();
    for (name, count) in [("apples", 3u32), ("pears", 1)] {
        keyspace.insert(bincode1::serialize(name).unwrap(), bincode1::serialize(&count).unwrap()).unwrap();
    }
    let options = TableOptions::new().adopt(typeser::schema::IntegerEncoding::Fixed).with_index(&BY_COUNT);
    let mut backend = typeser_state::backend::FjallBackend::over(database.clone()).unwrap();
    let stock = BackendTable::<String, u32, _>::open_with(&mut backend, "stock", &options, &mut |_| ()).unwrap();
    assert_eq!(stock.by_index(&BY_COUNT).unwrap().first().unwrap(), Some(("pears".to_owned(), 1)));
}
