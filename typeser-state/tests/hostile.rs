//! Savepoints whose checksums hold and whose bytes are wrong: an error or another state, never a panic.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use typeser::migrate::Trust;
use typeser_state::backend::{Backend, BackendError, Batch, MemoryBackend, ReadRows, RowRange, Table, VisitRow};
use typeser_state::keyed::{KeyedStateBackend, Operator};
use typeser_state::restore::{RestoreError, RestoreOptions};
use typeser_state::savepoint::{ReadSavepointError, Savepoint};

const ROWS: &str = "00000-00000-00127.rows";
const MANIFEST: &str = "manifest.typeser";

fn write<B: Backend>(directory: &Path, backend: B) {
    Savepoint::create(directory).unwrap().operator(&fill(backend)).unwrap().finish().unwrap();
}

fn fill<B: Backend>(backend: B) -> KeyedStateBackend<String, B> {
    let mut operator = Operator::<String>::new("one").unwrap();
    let totals = operator.value::<(u32, String)>("totals").unwrap();
    let recent = operator.list::<i16>("recent").unwrap();
    let by_name = operator.map::<u16, bool>("by-name").unwrap();
    let mut state = operator.open(backend).unwrap();
    for number in 0..2u16 {
        state.set_current_key(&format!("N{number}")).unwrap();
        totals.update(&mut state, &(7, "text".to_owned())).unwrap();
        recent.add_all(&mut state, &[1, -1]).unwrap();
        by_name.put(&mut state, &number, &true).unwrap();
    }
    state
}

/// What the new release declares: everything is migrated.
fn wider() -> Operator<String> {
    let mut operator = Operator::<String>::new("one").unwrap();
    operator.value::<(u64, String)>("totals").unwrap();
    operator.list::<i32>("recent").unwrap();
    operator.map::<u32, Option<bool>>("by-name").unwrap();
    operator
}

/// Reads all that can be read.
fn use_it(directory: &Path) -> Result<(), RestoreError> {
    let savepoint = Savepoint::open(directory)?;
    savepoint.verify()?;
    let options = RestoreOptions::new().allow_non_restored_state();
    wider().restore(&savepoint, MemoryBackend::new(), &options, &mut |_| ()).map(|_| ())
}

fn seal(bytes: &mut [u8]) {
    let at = bytes.len() - 4;
    let checksum = typeser::wire::checksum(&bytes[..at]).to_le_bytes();
    bytes[at..].copy_from_slice(&checksum);
}

fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    bytes[at..at + to.len()].copy_from_slice(to);
}

const CHANGES: [fn(u8) -> u8; 5] = [|byte| byte ^ 1, |byte| byte ^ 0x80, |_| 0, |_| 0xFF, |byte| byte.wrapping_add(3)];

#[test]
fn a_manifest_of_any_bytes_is_an_error_or_a_manifest() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("s");
    write(&directory, MemoryBackend::new());
    let path = directory.join(MANIFEST);
    let good = fs::read(&path).unwrap();
    let (mut errors, mut opened) = (0, 0);
    for at in 14..good.len() - 4 {
        for change in CHANGES {
            let mut bad = good.clone();
            bad[at] = change(bad[at]);
            if bad == good {
                continue;
            }
            seal(&mut bad);
            fs::write(&path, &bad).unwrap();
            match use_it(&directory) {
                Ok(()) => opened += 1,
                Err(error) => {
                    errors += 1;
                    assert!(!error.to_string().is_empty());
                }
            }
        }
    }
    // Names of the release and of states can change without harm.
    assert!(errors > 2 * opened, "{errors} errors, {opened} opened");
}

/// The file of rows of a savepoint that [`write`] wrote: its head, one block of rows, and the end.
struct Rows {
    path: PathBuf,
    manifest_path: PathBuf,
    good: Vec<u8>,
    manifest: Vec<u8>,
    /// Where the block begins, and where the end does.
    block: usize,
    end: usize,
}

impl Rows {
    fn read(directory: &Path) -> Self {
        let (path, manifest_path) = (directory.join(ROWS), directory.join(MANIFEST));
        let (good, manifest) = (fs::read(&path).unwrap(), fs::read(&manifest_path).unwrap());
        let number = |at: usize| u32::from_le_bytes(good[at..at + 4].try_into().unwrap()) as usize;
        let block = 14 + number(10) + 4;
        let end = block + 9 + number(block) + 4;
        assert_eq!(end + 9 + 8 + 4, good.len(), "one block of rows, and the end");
        Self { path, manifest_path, good, manifest, block, end }
    }

    /// Where the key of every row begins: its key group, its state, the length of the user's key, and so on.
    fn keys(&self) -> Vec<usize> {
        let mut keys = Vec::new();
        let mut at = self.block + 9;
        while at < self.end - 4 {
            // No length takes more than a byte here.
            keys.push(at + 2);
            at += 2 + usize::from(self.good[at]) + usize::from(self.good[at + 1]);
        }
        keys
    }

    /// Writes other bytes, as long as the good ones, and makes every checksum and hash hold.
    fn write(&self, mut bad: Vec<u8>) {
        seal(&mut bad[..self.block]);
        seal(&mut bad[self.block..self.end]);
        seal(&mut bad[self.end..]);
        let mut changed = self.manifest.clone();
        let hash = |bytes: &[u8]| xxhash_rust::xxh3::xxh3_64(bytes).to_le_bytes();
        replace(&mut changed, &hash(&self.good), &hash(&bad));
        seal(&mut changed);
        fs::write(&self.path, &bad).unwrap();
        fs::write(&self.manifest_path, &changed).unwrap();
    }
}

#[test]
fn rows_of_any_bytes_are_an_error_or_rows() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("s");
    write(&directory, MemoryBackend::new());
    let rows = Rows::read(&directory);
    let mut messages = std::collections::BTreeSet::new();
    for at in rows.block..rows.good.len() {
        for change in CHANGES {
            let mut bad = rows.good.clone();
            bad[at] = change(bad[at]);
            rows.write(bad);
            if let Err(error) = use_it(&directory) {
                let text = error.to_string();
                assert!(text.contains(ROWS) && text.contains("at offset "), "{text}");
                let kind = text.split_once("offset ").unwrap().1.split_once(": ").unwrap().1.to_owned();
                messages.insert(
                    kind.split(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ',', ';']).next().unwrap().to_owned(),
                );
            }
        }
    }
    insta::assert_snapshot!(messages.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn rows_that_typeser_did_not_write_are_validated_on_demand() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("s");
    write(&directory, MemoryBackend::new());
    let rows = Rows::read(&directory);
    let mut bad = rows.good.clone();
    let text = bad.windows(4).position(|window| window == b"text").unwrap();
    bad[text] = 0xFF;
    rows.write(bad);
    let savepoint = Savepoint::open(&directory).unwrap();
    savepoint.verify().unwrap();
    let restore = |operator: &Operator<String>, trust| {
        let options = RestoreOptions::new().with_trust(trust);
        operator.restore(&savepoint, MemoryBackend::new(), &options, &mut |_| ()).map(|_| ())
    };
    // The first row of `totals` is the first of all: it follows the head of its block.
    let begins = rows.block + 9;
    let error = restore(&wider(), Trust::Foreign).unwrap_err();
    let expected = format!("{ROWS}: at offset {begins}: the value of state `totals` of operator `one`: ");
    assert!(error.to_string().contains(&expected), "{error}");
    restore(&wider(), Trust::Verified).unwrap();
    wider().restore(&savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).unwrap();
}

#[test]
fn a_manifest_does_not_lead_out_of_its_directory() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("s");
    write(&directory, MemoryBackend::new());
    let path = directory.join(MANIFEST);
    let good = fs::read(&path).unwrap();
    for name in ["../00-00000-00127.rows", "/0000-00000-00127.rows", "00000-00000-00127.txts", ".0000-00000-00127.rows"]
    {
        let mut bad = good.clone();
        replace(&mut bad, ROWS.as_bytes(), name.as_bytes());
        seal(&mut bad);
        fs::write(&path, &bad).unwrap();
        let error = Savepoint::open(&directory).unwrap_err();
        assert!(matches!(error, ReadSavepointError::Malformed { .. }), "{error}");
        assert!(error.to_string().contains(&format!(": {name:?} is not the name of a file of rows; ")), "{error}");
    }
}

#[test]
fn rows_that_are_not_where_they_belong_are_reported() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("s");
    write(&directory, MemoryBackend::new());
    let rows = Rows::read(&directory);
    let keys = rows.keys();
    assert_eq!(keys.len(), 8, "of either key a value, two elements, an entry");
    let mut messages = Vec::new();
    let mut with = |what: &str, change: &dyn Fn(&mut [u8])| {
        let mut bad = rows.good.clone();
        change(&mut bad);
        rows.write(bad);
        messages.push(format!("{what}:\n    {}", message(use_it(&directory).unwrap_err(), &directory)));
    };
    with("another max parallelism in the head", &|bytes| bytes[26..30].copy_from_slice(&256u32.to_le_bytes()));
    with("another key", &|bytes| bytes[keys[0] + 2 + 2 + 1 + 8] = b'M');
    with("another key, of the second row", &|bytes| bytes[keys[1] + 2 + 2 + 1 + 8] = b'Z');
    let last_of_sequence = 2 + 2 + 1 + 10 + 1 + 7;
    with("an element twice", &|bytes| bytes[keys[2] + last_of_sequence] = 0);
    with("elements in another order", &|bytes| bytes[keys[1] + last_of_sequence] = 2);
    let entry = keys.iter().rposition(|key| rows.good[key + 3] == 2).unwrap();
    let entry = if rows.good[keys[entry] + 2 + 2 + 1 + 9] == b'1' { keys[entry] } else { keys[3] };
    with("an entry of a map as an element of a list", &|bytes| bytes[entry + 3] = 1);
    with("a row of no state", &|bytes| bytes[keys[7] + 3] = 9);
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn what_the_manifest_says_of_each_state_is_compared_with_the_rows() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("s");
    write(&directory, MemoryBackend::new());
    let rows = Rows::read(&directory);
    let hash = xxhash_rust::xxh3::xxh3_64(&rows.good).to_le_bytes();
    let sizes = rows.manifest.windows(8).position(|window| window == hash).unwrap() + 8 + 1;
    assert_eq!(rows.manifest[sizes..sizes + 4], 3u32.to_le_bytes(), "three states have rows");
    let mut messages = Vec::new();
    for at in [sizes + 4 + 2, sizes + 4 + 2 + 8] {
        let mut bad = rows.manifest.clone();
        bad[at] += 1;
        seal(&mut bad);
        fs::write(&rows.manifest_path, bad).unwrap();
        let savepoint = Savepoint::open(&directory).unwrap();
        messages.push(message(savepoint.verify().unwrap_err(), &directory));
        let restored = wider().restore(&savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ());
        assert_eq!(message(restored.unwrap_err(), &directory), *messages.last().unwrap());
    }
    insta::assert_snapshot!(messages.join("\n"));
}

fn message(error: impl std::fmt::Display, directory: &Path) -> String {
    error.to_string().replace(&directory.display().to_string(), "<savepoint>")
}

/// How a backend can break its laws.
enum Fault {
    /// Every row of a scan is shown twice.
    Repeats,
    /// Rows are shown from the last to the first.
    Reverses,
    /// Every row that is asked for is there.
    HasAll,
}

/// A backend that breaks its laws.
struct Lawless(MemoryBackend, Fault);

impl ReadRows for Lawless {
    fn get(&self, table: Table, key: &[u8], read: &mut dyn FnMut(&[u8])) -> Result<bool, BackendError> {
        Ok(self.0.get(table, key, read)? || matches!(self.1, Fault::HasAll))
    }

    fn scan(&self, table: Table, range: RowRange<'_>, visit: &mut VisitRow<'_>) -> Result<(), BackendError> {
        let mut rows = Vec::new();
        self.0.scan(table, range, &mut |key, value| {
            rows.extend(vec![(key.to_vec(), value.to_vec()); if matches!(self.1, Fault::Repeats) { 2 } else { 1 }]);
            ControlFlow::Continue(())
        })?;
        if matches!(self.1, Fault::Reverses) {
            rows.reverse();
        }
        let _ = rows.iter().try_for_each(|(key, value)| visit(key, value));
        Ok(())
    }

    fn last(
        &self,
        table: Table,
        range: RowRange<'_>,
        read: &mut dyn FnMut(&[u8], &[u8]),
    ) -> Result<bool, BackendError> {
        self.0.last(table, range, read)
    }
}

impl Backend for Lawless {
    fn create_table(&mut self, name: &str) -> Result<Table, BackendError> {
        self.0.create_table(name)
    }

    fn find_table(&mut self, name: &str) -> Result<Option<Table>, BackendError> {
        self.0.find_table(name)
    }

    fn rename_table(&mut self, table: Table, to: &str) -> Result<(), BackendError> {
        self.0.rename_table(table, to)
    }

    fn drop_table(&mut self, table: Table) -> Result<(), BackendError> {
        self.0.drop_table(table)
    }

    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), BackendError> {
        self.0.put(table, key, value)
    }

    fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), BackendError> {
        self.0.delete(table, key)
    }

    fn apply(&mut self, batch: &Batch) -> Result<(), BackendError> {
        self.0.apply(batch)
    }

    fn snapshot(&mut self) -> Result<Box<dyn ReadRows + Send>, BackendError> {
        self.0.snapshot()
    }

    fn flush(&mut self) -> Result<(), BackendError> {
        self.0.flush()
    }
}

#[test]
fn rows_of_a_lawless_backend_are_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let messages = [Fault::Repeats, Fault::Reverses].map(|fault| {
        let state = fill(Lawless(MemoryBackend::new(), fault));
        let writer = Savepoint::create(folder.path().join("s")).unwrap();
        writer.operator(&state).unwrap_err().to_string()
    });
    insta::assert_snapshot!(messages.join("\n"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn map_keys_that_migrate_to_the_same_bytes_are_reported() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("s");
    write(&directory, MemoryBackend::new());
    let savepoint = Savepoint::open(&directory).unwrap();
    let backend = Lawless(MemoryBackend::new(), Fault::HasAll);
    let error = wider().restore(&savepoint, backend, &RestoreOptions::new(), &mut |_| ()).unwrap_err();
    assert!(matches!(error, RestoreError::Collision { .. }), "{error}");
    insta::assert_snapshot!(error.to_string().replace(&folder.path().display().to_string(), "<folder>"));
}
