//! Every backend keeps the laws of `Backend`, and says what is wrong with what it is given.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "a test")]

#[macro_use]
mod conformance;

use ::redb::ReadableDatabase;
use conformance::Subject;
#[cfg(feature = "fjall")]
use typeser_state::backend::FjallBackend;
use typeser_state::backend::{Backend, MemoryBackend, ReadRows, RedbBackend};

conformance!(memory, crate::Subject { open: |_, _| Box::new(crate::MemoryBackend::new()), disk: false, cases: 300 });

conformance!(
    redb,
    crate::Subject {
        open: |folder, buffer| {
            Box::new(crate::RedbBackend::open_with_buffer(folder.join("state.redb"), buffer).unwrap())
        },
        disk: true,
        cases: 150,
    }
);

#[cfg(feature = "fjall")]
conformance!(
    fjall,
    crate::Subject {
        open: |folder, buffer| Box::new(crate::FjallBackend::open_with_buffer(folder, buffer).unwrap()),
        disk: true,
        // Each opens and syncs folders many times.
        cases: 30,
    }
);

#[test]
fn a_file_that_is_no_database_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "not a database, but long enough to have a header of some kind".repeat(100)).unwrap();
    let error = RedbBackend::open(&path).unwrap_err().to_string();
    assert!(error.starts_with(&format!("the redb file {} cannot be opened: ", path.display())), "{error}");
}

#[test]
fn a_database_of_the_program_is_shared_and_its_own_tables_are_left_alone() {
    const PRICES: ::redb::TableDefinition<'_, u64, &str> = ::redb::TableDefinition::new("prices");
    let folder = tempfile::tempdir().unwrap();
    let database = ::redb::Database::create(folder.path().join("shop.redb")).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(PRICES).unwrap().insert(7, "12.50").unwrap();
    transaction.commit().unwrap();

    let mut backend = RedbBackend::over(&database).unwrap();
    let table = backend.create_table("counts").unwrap();
    backend.put(table, b"orders", b"3").unwrap();
    backend.flush().unwrap();
    let error = backend.find_table("prices").unwrap_err().to_string();
    insta::assert_snapshot!(error, @"the redb file that the program has open has a table of this name that does not map bytes to bytes (prices is of type Table<u64, &str>): choose another name");
    backend.create_table("prices").unwrap_err();
    // The mistake cost nothing.
    assert!(backend.get(table, b"orders", &mut |value| assert_eq!(value, b"3")).unwrap());
    drop(backend);

    let read = database.begin_read().unwrap();
    assert_eq!(read.open_table(PRICES).unwrap().get(7).unwrap().unwrap().value(), "12.50");
}

#[cfg(feature = "fjall")]
#[test]
fn a_key_that_fjall_does_not_take_is_refused_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut backend = FjallBackend::open(folder.path()).unwrap();
    let table = backend.create_table("rows").unwrap();
    let longest = vec![7; FjallBackend::KEY_BYTES];
    backend.put(table, &longest, b"fits").unwrap();
    let too_long = vec![7; FjallBackend::KEY_BYTES + 1];
    let error = backend.put(table, &too_long, b"does not").unwrap_err().to_string();
    insta::assert_snapshot!(error, @"a key of 65535 bytes is longer than the store's limit of 65534 bytes: shorten it, for example to a hash, or use another backend; the row was not written");
    backend.flush().unwrap();
    assert!(!backend.get(table, &too_long, &mut |_| ()).unwrap());
    assert!(backend.get(table, &longest, &mut |value| assert_eq!(value, b"fits")).unwrap());
}
