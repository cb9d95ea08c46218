//! Memory does not grow with the number of rows, counted by the allocator: restores without change, with migration, with
//! map keys that move, and tried dry, at 10^5 and at 10^6 rows; writing, migrating and re-keying savepoints, too.
#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs, reason = "the test prints its figures")]

use std::path::Path;

use peak_alloc::PeakAlloc;
use redb::Database;
use typeser::resolve::Role;
use typeser::{Serializer, TypeSerializer as _};
use typeser_state::backend::{MemoryBackend, RedbBackend};
use typeser_state::keyed::Operator;
use typeser_state::processor::{MigrationPlan, ProcessOptions, RekeyPlan, Targets};
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::Savepoint;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

mod old {
    #[derive(typeser::StateType, Debug)]
    pub(crate) struct Account {
        pub(crate) balance: u32,
        pub(crate) note: String,
    }
}

mod new {
    #[derive(typeser::StateType, Debug)]
    pub(crate) struct Account {
        pub(crate) balance: u64,
        pub(crate) note: String,
        #[state(default = 7)]
        pub(crate) rating: u8,
    }
}

const UID: &str = "accounts";
/// Map entries for every key, among its rows.
const ENTRIES: u16 = 1;
/// How long notes are, about: 10^5 rows are more than all threads hold together at once, and more than a flush.
const NOTE: usize = 170;
/// redb's own memory: it would take all of its cache of a gigabyte, if there are that many rows.
const CACHE: usize = 2 * 1024 * 1024;

fn database(path: &Path) -> Database {
    Database::builder().set_cache_size(CACHE).create(path).unwrap()
}

fn old_operator() -> Operator<u32> {
    let mut operator = Operator::new(UID).unwrap();
    operator.value::<old::Account>("account").unwrap();
    operator.map::<u16, u32>("days").unwrap();
    operator
}

/// A value and an entry for each key.
fn savepoint(path: &Path, rows: u32) -> Savepoint {
    let mut operator = Operator::<u32>::new(UID).unwrap();
    let account = operator.value::<old::Account>("account").unwrap();
    let days = operator.map::<u16, u32>("days").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for id in 0..rows / u32::from(ENTRIES + 1) {
        state.set_current_key(&id).unwrap();
        account.update(&mut state, &old::Account { balance: id, note: "n".repeat(NOTE + id as usize % 9) }).unwrap();
        for day in 0..ENTRIES {
            days.put(&mut state, &day, &id).unwrap();
        }
    }
    Savepoint::create(path).unwrap().operator(&state).unwrap().finish().unwrap()
}

/// The most that the heap held, beyond what it held before.
fn peak(work: impl FnOnce()) -> usize {
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    work();
    ALLOCATOR.peak_usage() - before
}

/// What a restore takes, and a savepoint of what was restored.
fn restore(savepoint: &Savepoint, operator: &Operator<u32>, threads: usize) -> (usize, usize) {
    let folder = tempfile::tempdir().unwrap();
    let database = database(&folder.path().join("state.redb"));
    let options = RestoreOptions::new().with_workers(threads).with_flush_bytes(8 * 1024 * 1024);
    let mut state = None;
    let restored = peak(|| {
        let backend = RedbBackend::over(&database).unwrap();
        state = Some(operator.restore(savepoint, backend, &options, &mut |_| ()).unwrap());
    });
    let written = peak(|| {
        let writer = Savepoint::create(folder.path().join("again")).unwrap();
        writer.operator(state.as_ref().unwrap()).unwrap().finish().unwrap();
    });
    (restored, written)
}

fn figures(rows: u32) -> Vec<(&'static str, usize)> {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = savepoint(&folder.path().join("stored"), rows);
    let mut migrating = Operator::<u32>::new(UID).unwrap();
    migrating.value::<new::Account>("account").unwrap();
    migrating.map::<u16, u64>("days").unwrap();
    let mut moving = Operator::<u32>::new(UID).unwrap();
    moving.value::<old::Account>("account").unwrap();
    moving.map::<u32, u32>("days").unwrap();
    let mut targets = Targets::new();
    targets.add_serializer(UID, "account", Role::Value, &Serializer::<new::Account>::new().unwrap());
    let mut keys = Targets::new();
    keys.add_key(UID, Serializer::<u64>::new().unwrap().snapshot().clone());
    let process = ProcessOptions::new().with_memory(1024 * 1024);
    let at = |name: &str| folder.path().join(name);
    let (restored, written) = restore(&savepoint, &old_operator(), 0);
    vec![
        ("restore", restored),
        ("write", written),
        ("restore in 2 threads", restore(&savepoint, &old_operator(), 2).0),
        ("restore with migration", restore(&savepoint, &migrating, 0).0),
        ("restore with migration in 2 threads", restore(&savepoint, &migrating, 2).0),
        ("restore with map keys that move", restore(&savepoint, &moving, 2).0),
        (
            "dry run",
            peak(|| drop(migrating.plan(&savepoint, &RestoreOptions::new()).unwrap().dry_run(&mut |_| ()).unwrap())),
        ),
        (
            "migrate to a savepoint",
            peak(|| {
                MigrationPlan::new(&savepoint, &targets, &process).unwrap().run(at("migrated"), &mut |_| ()).unwrap();
            }),
        ),
        (
            "re-key",
            peak(|| {
                RekeyPlan::new(&savepoint, &keys, &process).unwrap().run(at("rekeyed"), &mut |_| ()).unwrap();
            }),
        ),
    ]
}

#[test]
fn ten_times_as_many_rows_take_no_more_memory() {
    let (few, many) = (figures(100_000), figures(1_000_000));
    for ((what, few), (_, many)) in few.iter().zip(&many) {
        eprintln!("{what}: {} KiB at 10^5 rows, {} KiB at 10^6", few / 1024, many / 1024);
    }
    for ((what, few), (_, many)) in few.iter().zip(&many) {
        // Threads differ in how far each is when the peak comes, and redb fills its cache.
        assert!(*many <= few + few / 4 + CACHE, "{what}: {few} bytes at 10^5 rows, {many} at 10^6");
    }
}
