//! What stores hold: framed values, files with one value, savepoints and the records of typed tables.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::OnceLock;

use typeser::file::FileContents;
use typeser::resolve::Policy;
use typeser::schema::IntegerEncoding;
use typeser::versions::{Frame, Ids, Stored, Versions};
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer};
use typeser_state::backend::{Backend, MemoryBackend};
use typeser_state::keyed::Operator;
use typeser_state::restore::{RestoreError, RestoreOptions};
use typeser_state::savepoint::Savepoint;
use typeser_state::typed_table::{BackendTable, TableCatalog, TableOptions, TableTarget};

use super::sealed;

mod before {
    #[derive(typeser::StateType)]
    pub(super) struct Order {
        pub(super) id: u32,
        pub(super) note: String,
    }
}

#[derive(StateType, Debug, PartialEq)]
struct Order {
    #[state(alias = "note")]
    remark: String,
    id: u64,
}

fn snapshot<T: StateType>() -> SerializerSnapshot {
    Serializer::<T>::new().unwrap().snapshot().clone()
}

/// Bytes of two releases under each frame.
pub(super) fn frame(bytes: &[u8]) {
    static VERSIONS: OnceLock<Vec<Versions<Order>>> = OnceLock::new();
    let versions = VERSIONS.get_or_init(|| {
        let fingerprints = [snapshot::<before::Order>(), snapshot::<Order>()].map(|snapshot| snapshot.fingerprint());
        let ids: Ids = [1, 300].into_iter().zip(fingerprints).collect();
        let frames = [
            Frame::Fingerprint,
            Frame::Short(ids.clone()),
            Frame::Confluent(ids),
            Frame::SelfDescribing,
            Frame::OutOfBand,
        ];
        let build = |frame| {
            let builder = Versions::builder(Serializer::new().unwrap()).frame(frame);
            builder.release("1.0.0", snapshot::<before::Order>()).build().unwrap()
        };
        frames.map(build).into()
    });
    for (place, versions) in versions.iter().enumerate() {
        let stored = match bytes.split_at_checked(8) {
            Some((tag, value)) if place == 4 => Stored::Tagged { tag, value },
            _ => Stored::from(bytes),
        };
        let decoded = versions.decode(stored);
        let mut upgraded = Vec::new();
        let is_upgraded = versions.upgrade(stored, &mut upgraded);
        assert_eq!(decoded.is_ok(), is_upgraded.is_ok(), "{decoded:?}, {is_upgraded:?}");
        assert_eq!(decoded.is_ok(), versions.value(stored).is_ok(), "{decoded:?}");
        if let Ok(value) = &decoded {
            assert_eq!(versions.encode(value).as_ref(), Ok(&upgraded));
            versions.which(stored).unwrap();
        }
    }
}

/// A file with one value, as it is and with a checksum that holds.
pub(super) fn file(bytes: &[u8]) {
    for bytes in [bytes, &sealed(bytes)] {
        match FileContents::from_bytes(bytes) {
            Ok(contents) => {
                assert_eq!(contents.to_bytes().as_deref(), Ok(bytes), "another file is read as the same contents");
                if let Err(error) = contents.value_as(&snapshot::<Order>(), &Policy::default()) {
                    assert!(!error.to_string().is_empty());
                }
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

const ROWS: &str = "00000-00000-00127.rows";
const MANIFEST: &str = "manifest.typeser";

/// A savepoint of three states, and what is in its two files.
struct Example {
    folder: tempfile::TempDir,
    manifest: Vec<u8>,
    rows: Vec<u8>,
}

impl Example {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut operator = Operator::<String>::new("one").unwrap();
        let totals = operator.value::<(u32, String)>("totals").unwrap();
        let recent = operator.list::<i16>("recent").unwrap();
        let by_name = operator.map::<u16, bool>("by-name").unwrap();
        let mut state = operator.open(MemoryBackend::new()).unwrap();
        for number in 0..2u16 {
            state.set_current_key(&format!("N{number}")).unwrap();
            totals.update(&mut state, &(7, "text".to_owned())).unwrap();
            recent.add_all(&mut state, &[1, -1]).unwrap();
            by_name.put(&mut state, &number, &true).unwrap();
        }
        let directory = folder.path().join("s");
        Savepoint::create(&directory).unwrap().operator(&state).unwrap().finish().unwrap();
        let read = |name| fs::read(directory.join(name)).unwrap();
        Self { manifest: read(MANIFEST), rows: read(ROWS), folder }
    }

    /// One for each thread: its files are written again for each input.
    fn with<R>(work: impl FnOnce(&Self, &Path) -> R) -> R {
        thread_local!(static EXAMPLE: Example = Example::new());
        EXAMPLE.with(|example| work(example, &example.folder.path().join("s")))
    }
}

/// Everything that can be done with a savepoint: verified, restored into wider types, listed.
fn used(directory: &Path) {
    let used = || -> Result<(), RestoreError> {
        let savepoint = Savepoint::open(directory)?;
        let is_verified = savepoint.verify();
        let mut operator = Operator::<String>::new("one").unwrap();
        operator.value::<(u64, String)>("totals").unwrap();
        operator.list::<i32>("recent").unwrap();
        operator.map::<u32, Option<bool>>("by-name").unwrap();
        let options = RestoreOptions::new().allow_non_restored_state();
        operator.restore(&savepoint, MemoryBackend::new(), &options, &mut |_| ()).map(|_| ())?;
        Ok(is_verified?)
    };
    if let Err(error) = used() {
        assert!(!error.to_string().is_empty());
    }
}

/// Bytes in place of the manifest, or of a part of it from the place that the first two bytes say.
pub(super) fn manifest(bytes: &[u8]) {
    Example::with(|example, directory| {
        for bytes in [sealed(bytes), replaced(&example.manifest, bytes)] {
            fs::write(directory.join(MANIFEST), bytes).unwrap();
            used(directory);
        }
        fs::write(directory.join(MANIFEST), &example.manifest).unwrap();
    });
}

/// Bytes in place of a part of the rows, with checksums and the hash in the manifest that hold.
pub(super) fn rows(bytes: &[u8]) {
    Example::with(|example, directory| {
        let Example { rows: good, manifest, .. } = example;
        let number = |at: usize| u32::from_le_bytes(good[at..at + 4].try_into().unwrap()) as usize;
        let block = 14 + number(10) + 4;
        let end = block + 9 + number(block) + 4;
        let mut bad = overwritten(good, bytes);
        for part in [0..block, block..end, end..good.len()] {
            let part = &mut bad[part];
            let whole = sealed(part);
            part.copy_from_slice(&whole);
        }
        let hash = |bytes: &[u8]| xxhash_rust::xxh3::xxh3_64(bytes).to_le_bytes();
        let at = manifest.windows(8).position(|window| window == hash(good)).unwrap();
        let mut changed = manifest.clone();
        changed[at..at + 8].copy_from_slice(&hash(&bad));
        fs::write(directory.join(ROWS), &bad).unwrap();
        fs::write(directory.join(MANIFEST), sealed(&changed)).unwrap();
        used(directory);
        fs::write(directory.join(ROWS), good).unwrap();
        fs::write(directory.join(MANIFEST), manifest).unwrap();
    });
}

/// The good bytes with these over a part of them, from the place that the first two bytes say.
fn overwritten(good: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut bad = good.to_vec();
    if let Some((at, bytes)) = bytes.split_first_chunk() {
        let at = usize::from(u16::from_le_bytes(*at)) % bad.len();
        let length = bytes.len().min(bad.len() - at);
        bad[at..at + length].copy_from_slice(&bytes[..length]);
    }
    bad
}

/// The good bytes with a part of them, from the place that the first two bytes say and as long as the third says,
/// replaced by the rest.
fn replaced(good: &[u8], bytes: &[u8]) -> Vec<u8> {
    let Some(([low, high, length], bytes)) = bytes.split_first_chunk() else { return sealed(good) };
    let at = usize::from(u16::from_le_bytes([*low, *high])) % good.len();
    let end = (at + usize::from(*length)).min(good.len());
    sealed(&[&good[..at], bytes, &good[end..]].concat())
}

/// Bytes in place of the record of a typed table, or of a part of it.
pub(super) fn table_record(bytes: &[u8]) {
    static GOOD: OnceLock<MemoryBackend> = OnceLock::new();
    let good = GOOD.get_or_init(|| {
        let mut backend = MemoryBackend::new();
        let mut stock = BackendTable::<u32, before::Order, _>::open(&mut backend, "stock").unwrap();
        stock.insert(&1, &before::Order { id: 7, note: "fragile".to_owned() }).unwrap();
        drop(stock);
        backend
    });
    let records = good.clone().find_table("typeser.typed-tables").unwrap().unwrap();
    let mut record = Vec::new();
    typeser_state::backend::ReadRows::get(good, records, b"tstock", &mut |bytes| record = bytes.to_vec()).unwrap();
    for bytes in [sealed(bytes), replaced(&record, bytes)] {
        let mut backend = good.clone();
        backend.put(records, b"tstock", &bytes).unwrap();
        let target = TableTarget::new("stock", None, Some(snapshot::<Order>()));
        let mut catalog = TableCatalog::over(&mut backend);
        drop(catalog.read_rows("stock", &mut |row| {
            drop(row.map(|(key, value)| format!("{key}: {value}")));
            ControlFlow::Continue(())
        }));
        drop(catalog.dry_run(&[target], &TableOptions::new()));
        let options = TableOptions::new().with_integers(IntegerEncoding::Fixed);
        match BackendTable::<u32, Order, _>::open_with(&mut backend, "stock", &options, &mut |_| ()) {
            Ok(table) => drop(table.get(&1)),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}
