//! Goldens of snapshots: the current code reads what every release wrote, and writes the same bytes.
//!
//! `TYPESER_RECORD=1 cargo test -p compat-tests --test snapshot_goldens` records those that are missing. It never
//! changes one that is there, and is refused where `CI` is set.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::path::{Path, PathBuf};

use compat_tests::snapshot_zoo;
use typeser::SerializerSnapshot;
use typeser::snapshot::READ_VERSIONS;

fn folder(version: u16) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../golden/snapshot/v{version}"))
}

/// The goldens of all versions: the folder, the name, and what is stored under it.
fn goldens() -> Vec<(PathBuf, &'static str, SerializerSnapshot)> {
    let versions = READ_VERSIONS.iter().flat_map(|version| {
        let snapshots = snapshot_zoo::of_version(*version).into_iter();
        snapshots.map(|(name, snapshot)| {
            assert_eq!(snapshot.read_version(), *version, "{name} is written in another version");
            (folder(*version), name, snapshot)
        })
    });
    versions.collect()
}

fn forms(snapshot: &SerializerSnapshot) -> [(&'static str, Vec<u8>); 3] {
    [
        ("bin", snapshot.to_bytes().unwrap()),
        ("json", snapshot.to_json().into_bytes()),
        ("txt", snapshot.to_text().into_bytes()),
    ]
}

fn read(extension: &str, bytes: &[u8]) -> SerializerSnapshot {
    match extension {
        "bin" => SerializerSnapshot::from_bytes(bytes).unwrap(),
        "json" => SerializerSnapshot::from_json(std::str::from_utf8(bytes).unwrap()).unwrap(),
        "txt" => SerializerSnapshot::from_text(std::str::from_utf8(bytes).unwrap()).unwrap(),
        other => panic!("`{other}` is not a form of a snapshot"),
    }
}

#[test]
fn every_golden_is_read_and_written_again_as_it_is() {
    if std::env::var_os("TYPESER_RECORD").is_some() {
        record();
    }
    for (folder, name, snapshot) in goldens() {
        for (extension, written) in forms(&snapshot) {
            let path = folder.join(format!("{name}.{extension}"));
            let golden = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert_eq!(read(extension, &golden), snapshot, "{}", path.display());
            assert_eq!(
                String::from_utf8_lossy(&written),
                String::from_utf8_lossy(&golden),
                "the current writer differs from {}",
                path.display()
            );
            assert_eq!(written, golden, "the current writer differs from {}", path.display());
        }
    }
}

fn record() {
    assert!(std::env::var_os("CI").is_none(), "goldens are not recorded if `CI` is set");
    for (folder, name, snapshot) in goldens() {
        std::fs::create_dir_all(&folder).unwrap();
        for (extension, bytes) in forms(&snapshot) {
            let path = folder.join(format!("{name}.{extension}"));
            if !path.exists() {
                std::fs::write(path, bytes).unwrap();
            }
        }
    }
}

#[test]
fn every_file_in_the_folder_belongs_to_a_snapshot() {
    for version in READ_VERSIONS {
        let names: Vec<&str> = snapshot_zoo::of_version(*version).into_iter().map(|(name, _)| name).collect();
        for entry in std::fs::read_dir(folder(*version)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(names.contains(&name), "nothing reads {}", path.display());
        }
    }
}

#[test]
fn every_flipped_bit_and_every_cut_of_a_golden_is_refused() {
    for (folder, name, snapshot) in goldens() {
        let golden = std::fs::read(folder.join(format!("{name}.bin"))).unwrap();
        for at in 0..golden.len() {
            SerializerSnapshot::from_bytes(&golden[..at]).unwrap_err();
            for bit in 0..8 {
                let mut flipped = golden.clone();
                flipped[at] ^= 1 << bit;
                SerializerSnapshot::from_bytes(&flipped).unwrap_err();
            }
        }
        assert_eq!(SerializerSnapshot::from_bytes(&golden).unwrap(), snapshot);
    }
}

#[test]
fn the_fingerprints_of_the_goldens_never_change() {
    let rendered: Vec<String> =
        goldens().iter().map(|(_, name, snapshot)| format!("{name} {}", snapshot.fingerprint())).collect();
    insta::assert_snapshot!(rendered.join("\n"));
}
