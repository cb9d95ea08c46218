//! What a program prints whose `main` returns an error: the message, and not a derived `Debug` of it.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "a test")]

use std::error::Error;
use std::process::{Command, Stdio};

use typeser::golden::Suite;
use typeser::versions::Versions;
use typeser::{Serializer, TypeSerializer};
use typeser_state::backend::{BackendError, MemoryBackend};
use typeser_state::keyed::Operator;
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::Savepoint;
use typeser_state::typed_table::TypedTable;

mod release_1 {
    #[derive(typeser::StateType)]
    pub struct Order {
        pub id: u64,
        pub note: String,
    }
}

mod release_2 {
    #[derive(typeser::StateType)]
    pub struct Order {
        pub id: u32,
        pub note: bool,
    }
}

fn order() -> release_1::Order {
    release_1::Order { id: 7, note: "fragile".into() }
}

fn table() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let database = redb::Database::create(folder.path().join("shop.redb"))?;
    TypedTable::<u32, release_1::Order>::open(&database, "orders")?.insert(&1, &order())?;
    TypedTable::<u32, release_2::Order>::open(&database, "orders")?;
    Ok(())
}

fn restore() -> Result<(), Box<dyn Error>> {
    // The report names the folder of the savepoint.
    std::env::set_current_dir(std::env::temp_dir())?;
    let folder = tempfile::tempdir_in(".")?;
    std::env::set_current_dir(&folder)?;
    let mut operator = Operator::<u32>::new("orders-by-customer")?;
    let orders = operator.value::<release_1::Order>("orders")?;
    let mut state = operator.open(MemoryBackend::new())?;
    state.set_current_key(&1)?;
    orders.update(&mut state, &order())?;
    Savepoint::create("savepoint")?.operator(&state)?.finish()?;

    let mut operator = Operator::<u32>::new("orders-by-customer")?;
    operator.value::<release_2::Order>("orders")?;
    operator.restore(&Savepoint::open("savepoint")?, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ())?;
    Ok(())
}

fn golden() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    std::fs::create_dir(folder.path().join("src"))?;
    std::fs::write(folder.path().join("src/lib.rs"), "")?;
    let suite = || Suite::new(folder.path());
    suite().value("orders", [order()]).record("1.0.0")?;
    suite().value("orders", [release_2::Order { id: 7, note: true }]).verify()?;
    Ok(())
}

fn versions() -> Result<(), Box<dyn Error>> {
    let stored = Serializer::<release_1::Order>::new()?.snapshot().clone();
    Versions::builder(Serializer::<release_2::Order>::new()?).release("1.0.0", stored).build()?;
    Ok(())
}

/// What this program does when a test starts it again; nothing when it runs with the other tests.
#[test]
fn child() -> Result<(), Box<dyn Error>> {
    match std::env::var("TYPESER_ERROR_OF").as_deref() {
        Ok("table") => table(),
        Ok("restore") => restore(),
        Ok("golden") => golden(),
        Ok("versions") => versions(),
        _ => Ok(()),
    }
}

/// The harness of tests prints an error that a test returns as Rust prints one that `main` returns.
fn printed(of: &str) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--nocapture"])
        .env("TYPESER_ERROR_OF", of)
        // A golden test records no release in CI.
        .env_remove("CI")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(!output.status.success(), "{of} does not fail");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    let begin = text.find("Error: ").unwrap_or_else(|| panic!("no error in: {text}"));
    let end = text[begin..].find("\n\nfailures:").map_or(text.len(), |end| begin + end);
    let text = text[begin..end].trim_end();
    assert!(text.len() < 8_000, "{of}: {} bytes, which no report takes", text.len());
    // The rest is the report, which other tests compare.
    text.lines().take(9).collect::<Vec<_>>().join("\n")
}

#[test]
fn main_prints_the_message_of_an_error() {
    for of in ["table", "restore", "golden", "versions"] {
        insta::assert_snapshot!(of, printed(of));
    }
}

#[test]
fn sources_that_the_message_does_not_contain_follow_it() {
    let missing = std::io::Error::new(std::io::ErrorKind::NotFound, "no such disk");
    let error = BackendError::Other(Box::new(missing));
    assert_eq!(format!("{error:?}"), "the backend fails: no such disk");
    assert_eq!(format!("{error:#?}"), "the backend fails: no such disk");

    #[derive(thiserror::Error)]
    #[error("the shop does not open")]
    struct Shop(#[source] BackendError);
    typeser::text::debug_as_display!(Shop);
    assert_eq!(format!("{:?}", Shop(error)), "the shop does not open\ncaused by: the backend fails: no such disk");
}
