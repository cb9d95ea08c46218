//! Typed tables of redb files, alone and beside a savepoint.

use std::path::Path;
use std::process::{Command, Output};

use redb::Database;
use typeser::StateType;
use typeser_state::typed_table::{OrderedTable, TableOptions, TypedTable};

use crate::fixtures;

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
        pub(super) id: u64,
        pub(super) note: Option<String>,
    }
}

mod v3 {
    #[derive(typeser::StateType, Debug, Clone)]
    pub(super) struct Order {
        #[state(default = 3)]
        pub(super) priority: u8,
        pub(super) id: u64,
        pub(super) note: Option<String>,
    }
}

#[derive(Debug, Clone, StateType, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[state(ordered)]
struct Due {
    day: i32,
    job: String,
}

/// A database with an ordered table `jobs`, an empty table `Nothing`, and a table `orders` with rows of three releases.
fn shop(path: &Path) -> Database {
    let database = Database::create(path).unwrap();
    let jobs = OrderedTable::<Due, Vec<u8>>::open(&database, "jobs").unwrap();
    for (day, job) in [(3, "c"), (-5, "a"), (3, "b")] {
        jobs.insert(&Due { day, job: job.to_owned() }, &vec![1, 2]).unwrap();
    }
    TypedTable::<String, u32>::open(&database, "Nothing").unwrap();
    let lazily = TableOptions::new().migrate_lazily();
    let orders = TypedTable::<u8, v1::Order>::open(&database, "orders").unwrap();
    for key in [2, 4, 6] {
        orders.insert(&key, &v1::Order { id: key.into(), note: "first".to_owned() }).unwrap();
    }
    let orders = TypedTable::<u8, v2::Order>::open_with(&database, "orders", &lazily, &mut |_| ()).unwrap();
    for key in [3, 4] {
        orders.insert(&key, &v2::Order { id: u64::MAX, note: None }).unwrap();
    }
    let orders = TypedTable::<u8, v3::Order>::open_with(&database, "orders", &lazily, &mut |_| ()).unwrap();
    orders.insert(&1, &v3::Order { priority: 1, id: 1, note: Some("third".to_owned()) }).unwrap();
    assert_eq!(orders.unmigrated_rows().unwrap(), 4);
    database
}

fn command(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_typeser-sql")).args(arguments).output().unwrap()
}

/// What the command prints for a query, as CSV.
fn ask(arguments: &[&str]) -> String {
    let output = command(&[arguments, &["--format", "csv"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

const ORDERS: &str = "\
1,1,1,third
2,3,2,first
3,3,18446744073709551615,
4,3,18446744073709551615,
6,3,6,first
";

#[test]
fn rows_of_all_releases_have_todays_types() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.redb");
    drop(shop(&path));
    let before = std::fs::read(&path).unwrap();
    let file = path.to_str().unwrap();
    let fields = "key, value.priority, value.id, value.note";
    let rows = |query: &str| ask(&[file, query]).split_once('\n').unwrap().1.to_owned();
    assert_eq!(rows(&format!("select {fields} from orders order by key")), ORDERS);
    assert_eq!(rows(&format!("select {fields} from shop.orders order by key")), ORDERS);
    assert_eq!(rows("select count(*) from orders"), "5\n");
    assert_eq!(rows("select sum(key) from orders where value.priority = 3"), "15\n");
    assert_eq!(rows("select count(*) from (select key from orders limit 2)"), "2\n");
    assert_eq!(rows("select count(*) from \"Nothing\""), "0\n");
    assert_eq!(rows("select * from \"Nothing\""), "");
    // Ordered keys are read in their order.
    assert_eq!(rows("select key.day, key.job, value from jobs"), "-5,a,0102\n3,b,0102\n3,c,0102\n");
    let listed = "select file, \"table\", rows, unmigrated_rows, key_type, value_type from metadata.tables order by 2";
    assert_eq!(rows(listed), "shop,Nothing,0,0,string,u32\nshop,jobs,3,0,Due,list<u8>\nshop,orders,5,4,u8,Order\n");
    let plan = rows("explain select count(*) from orders");
    assert!(!plan.contains("TypedTableScan"), "the number of rows is known: {plan}");
    let plan = rows("explain select key from orders where key > 3");
    assert!(plan.contains("TypedTableScan: table=orders, columns=[key]"), "{plan}");
    assert_eq!(std::fs::read(&path).unwrap(), before, "nothing is written");
}

#[test]
fn a_file_is_joined_with_a_savepoint() {
    let folder = tempfile::tempdir().unwrap();
    let [savepoint, file] = ["names", "shop.redb"].map(|name| folder.path().join(name));
    fixtures::names(&savepoint);
    drop(shop(&file));
    let (savepoint, file) = (savepoint.to_str().unwrap(), file.to_str().unwrap());
    let query = "select n.key, o.value.note from metadata.key n join shop.orders o on n.key = o.key + 1";
    assert_eq!(ask(&[savepoint, "--with", &format!("shop={file}"), query]), "key,o.value[note]\n7,first\n");
    // A table with itself: each scan reads on its own.
    let query = "select count(*) from orders a join orders b on a.value.priority = b.value.priority";
    assert_eq!(ask(&[file, query]), "count(*)\n17\n");
    // An operator has this name.
    let output = command(&[savepoint, "--with", &format!("metadata={file}"), "select 1"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with("error: `metadata` names several things: "), "{error}");
    // Its operator `metadata` makes that of the savepoint's own tables another one.
    let query = "select count(*) from metadata_.tables";
    assert_eq!(ask(&[savepoint, "--with", &format!("shop={file}"), query]), "count(*)\n3\n");
}

#[test]
fn a_file_in_use_is_read_from_a_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.redb");
    let database = shop(&path);
    let file = path.to_str().unwrap();
    let output = command(&[file, "select count(*) from orders"]);
    let error = String::from_utf8(output.stderr).unwrap();
    let expected =
        format!("error: {file}: another program has this database open: stop that program, or copy the file");
    assert!(error.starts_with(&expected), "{error}");
    let copy = folder.path().join("copy.redb");
    std::fs::copy(&path, &copy).unwrap();
    let copied = std::fs::read(&copy).unwrap();
    assert_eq!(ask(&[copy.to_str().unwrap(), "select count(*) from orders"]), "count(*)\n5\n");
    assert_eq!(std::fs::read(&copy).unwrap(), copied, "it is repaired in memory");
    drop(database);
}

#[test]
fn the_tables_of_a_file_are_exported() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.redb");
    drop(shop(&path));
    let target = folder.path().join("out");
    let (file, out) = (path.to_str().unwrap(), target.to_str().unwrap());
    let output = command(&["export", file, "--to", "jsonl", "--output", out]);
    let printed = String::from_utf8(output.stdout).unwrap();
    let expected = "shop/Nothing.jsonl  0 rows\nshop/jobs.jsonl  3 rows\nshop/orders.jsonl  5 rows\n\
        metadata/tables.jsonl  3 rows\n";
    assert_eq!(printed, expected);
    let jobs = std::fs::read_to_string(target.join("shop/jobs.jsonl")).unwrap();
    assert_eq!(jobs.lines().next(), Some(r#"{"key":{"day":-5,"job":"a"},"value":"0102"}"#));
}
