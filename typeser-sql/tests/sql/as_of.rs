//! Rows with the types of another release: what is read is what a migration would write.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use redb::Database;
use typeser::StateType;
use typeser_state::backend::MemoryBackend;
use typeser_state::keyed::Operator;
use typeser_state::processor::{MigrationPlan, ProcessOptions, Targets};
use typeser_state::savepoint::Savepoint;
use typeser_state::typed_table::TypedTable;

mod v1 {
    #[derive(typeser::StateType, Debug, Clone)]
    pub(super) struct Order {
        pub(super) id: u32,
        pub(super) note: String,
    }
}

mod v2 {
    #[derive(typeser::StateType, Debug, Clone)]
    pub(super) struct Order {
        #[state(default = 3)]
        pub(super) priority: u8,
        pub(super) note: Option<String>,
        pub(super) id: u64,
    }
}

mod v3 {
    fn text(id: u32) -> String {
        id.to_string()
    }

    #[derive(typeser::StateType, Debug, Clone)]
    pub(super) struct Order {
        #[state(convert(u32, with = text))]
        pub(super) id: String,
        pub(super) note: String,
    }
}

/// A savepoint with a value, a list, and a map whose keys and values are of these types; and the snapshots of them.
fn write<V: StateType, K: typeser::StateKey>(
    folder: &Path,
    name: &str,
    value: impl Fn(u8) -> V,
    key: impl Fn(u8) -> K,
) -> (PathBuf, PathBuf) {
    let mut operator = Operator::<String>::new("orders").unwrap();
    let last = operator.value::<V>("last").unwrap();
    let all = operator.list::<V>("all").unwrap();
    let by_number = operator.map::<K, V>("by-number").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for number in 0..9u8 {
        state.set_current_key(&format!("customer {}", number % 4)).unwrap();
        last.update(&mut state, &value(number)).unwrap();
        all.add(&mut state, &value(number)).unwrap();
        by_number.put(&mut state, &key(number), &value(number)).unwrap();
    }
    let savepoint = folder.join(name);
    Savepoint::create(&savepoint).unwrap().operator(&state).unwrap().finish().unwrap();
    let snapshots = folder.join(format!("{name}-snapshots"));
    Targets::stored(&Savepoint::open(&savepoint).unwrap()).write(&snapshots).unwrap();
    (savepoint, snapshots)
}

fn first(number: u8) -> v1::Order {
    v1::Order { id: number.into(), note: "n".repeat(number.into()) }
}

fn second(number: u8) -> v2::Order {
    v2::Order { priority: 1, note: None, id: number.into() }
}

fn command(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_typeser-sql")).args(arguments).output().unwrap()
}

/// What the command prints for a query, as JSON lines.
fn ask(arguments: &[&str]) -> String {
    let output = command(&[arguments, &["--format", "jsonl"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn rows_are_those_that_a_migration_writes() {
    let folder = tempfile::tempdir().unwrap();
    let (old, _) = write(folder.path(), "old", first, u32::from);
    let (_, snapshots) = write(folder.path(), "new", second, u64::from);
    let savepoint = Savepoint::open(&old).unwrap();
    let targets = Targets::read(&snapshots).unwrap();
    let plan = MigrationPlan::new(&savepoint, &targets, &ProcessOptions::new()).unwrap();
    let migrated = folder.path().join("migrated");
    plan.run(&migrated, &mut |_| ()).unwrap();
    for query in [
        "select * from last",
        "select * from \"all\"",
        "select * from \"by-number\"",
        "select * from keyed",
        "select key, value.priority, value.id from last where key = 'customer 1' and value.id = 5",
        "select sum(value.id) from \"by-number\" where map_key > 3",
    ] {
        let expected = ask(&[text(&migrated), query]);
        assert!(!expected.is_empty(), "{query}");
        assert_eq!(ask(&[text(&old), "--as-of", text(&snapshots), query]), expected, "{query}");
        assert_ne!(ask(&[text(&old), "select * from keyed"]), expected, "{query}");
    }
    // What is stored is something else.
    let query = "select type, fingerprint from metadata.serializers";
    assert_eq!(ask(&[text(&old), "--as-of", text(&snapshots), query]), ask(&[text(&old), query]));
}

#[test]
fn what_needs_functions_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (old, _) = write(folder.path(), "old", first, u32::from);
    let third = |number: u8| v3::Order { id: number.to_string(), note: String::new() };
    let (_, snapshots) = write(folder.path(), "new", third, u32::from);
    let output = command(&[text(&old), "--as-of", text(&snapshots), "select * from last"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with("error: ") && error.contains("function"), "{error}");
    assert_eq!(output.status.code(), Some(101));
}

#[test]
fn typed_tables_have_the_types_of_a_release() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.redb");
    let database = Database::create(&path).unwrap();
    TypedTable::<u8, v1::Order>::open(&database, "last").unwrap().insert(&7, &first(2)).unwrap();
    drop(database);
    let (_, snapshots) = write(folder.path(), "new", second, u64::from);
    let rows = ask(&[text(&path), "--as-of", text(&snapshots.join("orders")), "select * from last"]);
    assert_eq!(rows, "{\"key\":7,\"value\":{\"priority\":3,\"note\":\"nn\",\"id\":2}}\n");
}
