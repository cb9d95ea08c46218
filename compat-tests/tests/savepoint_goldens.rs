//! Goldens of savepoints: what every release wrote is restored today, under today's types too.
//!
//! `TYPESER_RECORD=1 cargo test -p compat-tests --test savepoint_goldens` records a missing one. It never changes one
//! that is there, and is refused where `CI` is set.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests say what they mean in their names")]

use std::path::{Path, PathBuf};

use typeser::StateType;
use typeser_state::backend::MemoryBackend;
use typeser_state::keyed::Operator;
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::Savepoint;

/// The types of the release that recorded the golden.
mod recorded {
    use typeser::StateType;

    #[derive(StateType)]
    pub(crate) struct Order {
        pub(crate) id: u32,
        pub(crate) status: Status,
        pub(crate) note: Option<String>,
    }

    #[derive(StateType)]
    pub(crate) enum Status {
        Placed,
        Shipped { carrier: String },
    }
}

/// Types of today, to which the golden has to be migrated.
#[derive(Debug, PartialEq, StateType)]
struct Order {
    status: Status,
    id: u64,
    #[state(alias = "note")]
    remark: Option<String>,
    #[state(default = 1)]
    priority: u8,
}

#[derive(Debug, PartialEq, StateType)]
enum Status {
    Returned,
    Shipped { carrier: String },
    Placed,
}

const UID: &str = "orders";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden/savepoint/v1/orders")
}

fn write(to: &Path) {
    let mut operator = Operator::<String>::new(UID).unwrap();
    let order = operator.value::<recorded::Order>("order").unwrap();
    let weights = operator.list::<i16>("weights").unwrap();
    let stops = operator.map::<u8, String>("stops").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for (number, name) in (0..).zip(["amber", "birch", "cedar", "dove", "elm"]) {
        state.set_current_key(&name.to_owned()).unwrap();
        let status = match number % 2 {
            0 => recorded::Status::Placed,
            _ => recorded::Status::Shipped { carrier: format!("{name} post") },
        };
        let note = (number > 2).then(|| "fragile".to_owned());
        order.update(&mut state, &recorded::Order { id: number, status, note }).unwrap();
        weights.add_all(&mut state, &[-1, number as i16]).unwrap();
        stops.put(&mut state, &7, &name.to_uppercase()).unwrap();
    }
    Savepoint::create(to).unwrap().operator(&state).unwrap().finish().unwrap();
}

#[test]
fn a_golden_is_recorded_once_and_only_on_demand() {
    if std::env::var_os("TYPESER_RECORD").is_some() {
        assert!(std::env::var_os("CI").is_none(), "goldens are not recorded where `CI` is set");
        if !folder().exists() {
            std::fs::create_dir_all(folder().parent().unwrap()).unwrap();
            write(&folder());
        }
    }
    assert!(folder().join("manifest.typeser").is_file(), "the golden is missing");
}

#[test]
fn the_rows_of_the_golden_are_what_was_written() {
    let savepoint = Savepoint::open(folder()).unwrap();
    savepoint.verify().unwrap();
    let mut rows = savepoint.rows(UID).unwrap();
    let mut told = String::new();
    while let Some(row) = rows.next_row().unwrap() {
        let (group, key) = (row.key.key_group, String::from_utf8_lossy(&row.key.key[8..]));
        told += &format!("{group:3} {key:6} {:8} {:?} {:02x?}\n", row.state.name(), row.key.rest, row.value);
    }
    insta::assert_snapshot!(told);
}

#[test]
fn todays_writer_gives_the_same_rows() {
    let temporary = tempfile::tempdir().unwrap();
    let again = temporary.path().join("again");
    write(&again);
    for entry in std::fs::read_dir(folder()).unwrap() {
        let golden = entry.unwrap().path();
        if golden.extension().is_some_and(|extension| extension == "rows") {
            let name = golden.file_name().unwrap();
            assert_eq!(std::fs::read(again.join(name)).unwrap(), std::fs::read(&golden).unwrap(), "{name:?}");
        }
    }
}

#[test]
fn the_golden_is_restored_under_types_of_today() {
    let mut operator = Operator::<String>::new(UID).unwrap();
    let order = operator.value::<Order>("order").unwrap();
    let weights = operator.list::<i32>("weights").unwrap();
    let stops = operator.map::<u8, String>("stops").unwrap();
    let savepoint = Savepoint::open(folder()).unwrap();
    let mut state = operator.restore(&savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| {}).unwrap();

    state.set_current_key(&"dove".to_owned()).unwrap();
    let dove = Order {
        status: Status::Shipped { carrier: "dove post".into() },
        id: 3,
        remark: Some("fragile".into()),
        priority: 1,
    };
    assert_eq!(order.get(&mut state).unwrap(), Some(dove));
    assert_eq!(weights.get(&mut state).unwrap(), [-1, 3]);
    assert_eq!(stops.entries(&mut state).unwrap(), [(7, "DOVE".to_owned())]);
    assert_eq!(state.keys().unwrap().len(), 5);
}
