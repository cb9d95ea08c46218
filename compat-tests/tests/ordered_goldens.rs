//! Goldens of ordered keys: the current code reads and writes what every release wrote.
//!
//! `TYPESER_RECORD=1 cargo test -p compat-tests --test ordered_goldens` records those that are missing. It never changes
//! one that is there, and is refused where `CI` is set.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::path::{Path, PathBuf};

use compat_tests::ordered_zoo;
use typeser::ordered::OrderedForm;
use typeser::{SerializerSnapshot, TypeSerializer};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden/ordered")
}

#[test]
fn the_recorded_key_is_read_and_written_again_as_it_is() {
    let (serializer, snapshot) = ordered_zoo::serializer();
    let written = [("key.bin", ordered_zoo::ordered()), ("key.snapshot.bin", snapshot.to_bytes().unwrap())];
    for (name, bytes) in written {
        let path = folder().join(name);
        if !path.exists() && std::env::var_os("TYPESER_RECORD").is_some() {
            assert!(std::env::var_os("CI").is_none(), "nothing is recorded where `CI` is set");
            std::fs::create_dir_all(folder()).unwrap();
            std::fs::write(&path, &bytes).unwrap();
        }
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "{}", path.display());
    }
    // What is recorded suffices to read it.
    let recorded = SerializerSnapshot::from_bytes(&std::fs::read(folder().join("key.snapshot.bin")).unwrap()).unwrap();
    let mut fixed = Vec::new();
    let form = OrderedForm::new(recorded.schema()).unwrap();
    form.decode(&std::fs::read(folder().join("key.bin")).unwrap(), &mut fixed).unwrap();
    assert_eq!(serializer.deserialize(&fixed).unwrap(), ordered_zoo::key());
}
