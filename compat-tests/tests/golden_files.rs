//! Goldens as files: every byte is compared with what was recorded.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "the names of tests document them")]
#![allow(dead_code, reason = "types are only described")]

#[path = "golden/shop.rs"]
mod shop;
#[path = "golden/support.rs"]
mod support;

use std::collections::BTreeMap;

use shop::v1;
use support::{folder, golden, goldens, write};
use typeser::golden::{Goldens, MergeError, ReadGoldensError, Today, state_of_stem, stem};
use typeser::resolve::Role;

type Files = BTreeMap<String, Vec<u8>>;

fn recorded() -> Goldens {
    goldens([
        ("1.0.0", vec![golden("orders", Role::Value, v1::orders()), golden("orders", Role::Key, [7u32])]),
        ("1.1.0", vec![golden("a/ü.b", Role::MapKey, ["x".to_owned()])]),
    ])
}

fn files() -> Files {
    recorded().to_files().unwrap()
}

fn refused(files: &Files) -> String {
    Goldens::from_files(files).unwrap_err().to_string()
}

/// The files with one change, and a manifest that matches them: a deliberate forgery.
fn forged(change: impl FnOnce(&mut Files)) -> Files {
    let mut files = files();
    change(&mut files);
    let mut manifest = "typeser golden 1\n".to_owned();
    for release in ["1.0.0", "1.1.0"] {
        manifest += &format!("release {release}\n");
        for (name, bytes) in files.iter().filter(|(name, _)| name.starts_with(release)) {
            manifest += &format!("{:032x}  {name}\n", xxhash(bytes));
        }
    }
    manifest += &format!("end {:032x}\n", xxhash(manifest.as_bytes()));
    files.insert("manifest.txt".into(), manifest.into_bytes());
    files
}

/// The hash of these bytes as the library computes it: from a manifest that it wrote for one file.
fn xxhash(bytes: &[u8]) -> u128 {
    xxhash_rust::xxh3::xxh3_128(bytes)
}

#[test]
fn files_follow_the_format_page() {
    let mut errors = String::new();
    for (name, bytes) in files() {
        let text = if name.ends_with(".snap") {
            format!("{} bytes\n", bytes.len())
        } else {
            String::from_utf8(bytes).unwrap()
        };
        errors += &format!("--- {name}\n{text}");
    }
    insta::assert_snapshot!(errors);
}

#[test]
fn what_is_written_is_read() {
    assert_eq!(Goldens::from_files(&files()).unwrap(), recorded());
    assert_eq!(Goldens::read(folder(&recorded()).path().join("golden")).unwrap(), recorded());
    assert_eq!(files(), forged(|_| ()), "the manifest follows the format page");
}

#[test]
fn every_flipped_bit_of_every_file_is_noticed() {
    let files = files();
    let mut flips = 0;
    for (name, bytes) in &files {
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut flipped = files.clone();
                flipped.get_mut(name).unwrap()[at] ^= 1 << bit;
                assert!(Goldens::from_files(&flipped).is_err(), "bit {bit} of byte {at} of {name}");
                flips += 1;
            }
        }
    }
    assert!(flips > 20_000, "{flips}");
}

#[test]
fn every_cut_of_every_file_is_noticed() {
    let files = files();
    for (name, bytes) in &files {
        for at in 0..bytes.len() {
            let mut cut = files.clone();
            cut.get_mut(name).unwrap().truncate(at);
            assert!(Goldens::from_files(&cut).is_err(), "{name}, cut at byte {at}");
        }
        let mut longer = files.clone();
        longer.get_mut(name).unwrap().push(b'\n');
        assert!(Goldens::from_files(&longer).is_err(), "{name}, with a line break behind it");
    }
}

#[test]
fn every_deleted_and_every_added_file_is_noticed() {
    let files = files();
    for name in files.keys() {
        let mut fewer = files.clone();
        fewer.remove(name);
        let errors = refused(&fewer);
        assert!(errors.contains("is not there") || errors.contains(&format!("{name} is missing")), "{errors}");
    }
    for name in ["1.0.0/carts.value.json", "1.0.0/notes.txt", "1.2.0/orders.value.json", "1.0.0/more/orders.value.json"]
    {
        let mut more = files.clone();
        more.insert(name.to_owned(), b"{}".to_vec());
        let errors = refused(&more);
        assert!(errors.contains(&format!("{name} is not in the manifest")), "{errors}");
    }
    // Files beside the manifest are not goldens, and hidden files are ignored.
    let mut beside = files.clone();
    for name in ["README.md", ".gitattributes", "1.0.0/.orders.value.json.tmp"] {
        beside.insert(name.to_owned(), b"?".to_vec());
    }
    assert_eq!(Goldens::from_files(&beside).unwrap(), recorded());
    let folder = folder(&recorded());
    for (name, bytes) in [("golden/README.md", "?"), ("golden/1.0.0/.hidden", "?")] {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    assert_eq!(Goldens::read(folder.path().join("golden")).unwrap(), recorded());
    std::fs::create_dir(folder.path().join("golden/1.1.0/deep")).unwrap();
    std::fs::write(folder.path().join("golden/1.1.0/deep/file"), "?").unwrap();
    let errors = Goldens::read(folder.path().join("golden")).unwrap_err().to_string();
    assert!(errors.contains("1.1.0/deep/file is not in the manifest"), "{errors}");
}

#[test]
fn each_damage_has_its_own_error() {
    let replace = |files: &mut Files, name: &str, from: &str, to: &str| {
        let text = String::from_utf8(files[name].clone()).unwrap();
        assert!(text.contains(from), "{text}");
        files.insert(name.to_owned(), text.replacen(from, to, 1).into_bytes());
    };
    let plain = |change: &dyn Fn(&mut Files)| {
        let mut files = files();
        change(&mut files);
        refused(&files)
    };
    let forged = |change: &dyn Fn(&mut Files)| refused(&forged(|files| change(files)));
    let manifest = |from: &'static str, to: &'static str| {
        plain(&move |files: &mut Files| replace(files, "manifest.txt", from, to))
    };
    let [json, snap, samples] =
        ["1.0.0/orders.value.json", "1.0.0/orders.value.snap", "1.0.0/orders.value.samples.json"];
    let errors = [
        ("no files", refused(&Files::new())),
        ("another first line", manifest("typeser golden 1", "typeser gold")),
        ("a later version", manifest("typeser golden 1", "typeser golden 2")),
        ("an edited manifest", manifest("orders", "carts")),
        ("a cut manifest", manifest("end ", "and ")),
        ("more behind the manifest", plain(&|files| files.get_mut("manifest.txt").unwrap().extend(b"more\n"))),
        ("converted line breaks", manifest("\n", "\r\n")),
        (
            "a deleted, an edited and an added file",
            plain(&|files| {
                files.remove(json);
                replace(files, samples, "fragile", "robust");
                files.insert("1.0.0/carts.value.json".into(), Vec::new());
            }),
        ),
        (
            "converted line breaks of a snapshot",
            plain(&|files| {
                let text = String::from_utf8(files[json].clone()).unwrap();
                files.insert(json.into(), text.replace('\n', "\r\n").into_bytes());
            }),
        ),
        ("a name of no golden", forged(&|files| _ = files.insert("1.0.0/notes.txt".into(), Vec::new()))),
        ("a name of no state", forged(&|files| _ = files.insert("1.0.0/orders.json".into(), Vec::new()))),
        ("a file that was not recorded", forged(&|files| _ = files.remove(samples))),
        ("no snapshot", forged(&|files| _ = files.insert(snap.into(), b"snapshot".to_vec()))),
        ("no JSON of a snapshot", forged(&|files| replace(files, json, "\"u32\"", "\"u33\""))),
        ("the JSON of another snapshot", forged(&|files| replace(files, json, "\"u32\"", "\"u64\""))),
        ("no JSON of samples", forged(&|files| replace(files, samples, "\"samples\": [", "\"samples\": "))),
        ("a key too many", forged(&|files| replace(files, samples, "\"value\"", "\"text\""))),
        (
            "samples of a later form",
            forged(&|files| replace(files, samples, "\"typeser-golden\": 1", "\"typeser-golden\": 2")),
        ),
        ("samples of another state", forged(&|files| replace(files, samples, "\"orders\"", "\"carts\""))),
        ("bytes that are none", forged(&|files| replace(files, samples, "\"bytes\": \"07", "\"bytes\": \"7"))),
        ("bytes of another type", forged(&|files| replace(files, samples, "\"bytes\": \"07", "\"bytes\": \"0707"))),
        ("a value of other bytes", forged(&|files| replace(files, samples, "number: 7", "number: 70"))),
        ("no value", forged(&|files| replace(files, samples, "fragile", "robust"))),
        ("a ledger that is none", plain(&|files| _ = files.insert("accepted.json".into(), b"[]".to_vec()))),
    ];
    let errors: Vec<String> = errors.iter().map(|(what, errors)| format!("# {what}\n{errors}\n")).collect();
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn a_missing_or_empty_folder_has_no_goldens() {
    let folder = tempfile::tempdir().unwrap();
    for folder in [folder.path().to_owned(), folder.path().join("nowhere")] {
        let error = Goldens::read(&folder).unwrap_err();
        assert_eq!(error, ReadGoldensError::NothingRecorded { place: folder.display().to_string() });
    }
}

#[test]
fn a_stem_represents_one_state_and_role() {
    for state in ["orders", "a/b", "a.b", "Ümläute", "", "%", "a b", "..", "con", "日本", "a%2Fb"] {
        for role in Role::ALL {
            let stem = stem(state, role);
            assert!(stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.%".contains(&byte)), "{stem}");
            assert_eq!(state_of_stem(&stem), Some((state.to_owned(), role)), "{stem}");
        }
    }
    for stem in
        ["orders", "orders.", "orders.value.json", "a/b.value", "%2f.value", "%2.value", "%FF.value", "a%41.key"]
    {
        assert_eq!(state_of_stem(stem), None, "{stem}");
    }
}

#[test]
fn what_is_recorded_never_changes() {
    let mut goldens = recorded();
    let refused = |release: &str, golden| goldens.clone().record(release, vec![golden]).unwrap_err().to_string();
    let long = "x".repeat(250);
    let errors = [
        refused("1.1.0", golden("a/ü.b", Role::MapKey, ["y".to_owned()])),
        refused("1.1.0", golden("a/ü.b", Role::MapKey, [7u32])),
        refused("1.0.0", golden("carts", Role::Value, [7u32])),
        refused("1.1.0", golden("A/ü.b", Role::MapKey, [7u32])),
        refused("1.2.0", golden(&long, Role::Value, [7u32])).replace(&long, "LONG"),
        refused("today", golden("carts", Role::Value, [7u32])),
        refused("", golden("carts", Role::Value, [7u32])),
        refused("1/2", golden("carts", Role::Value, [7u32])),
        refused(".hidden", golden("carts", Role::Value, [7u32])),
        refused(&long, golden("carts", Role::Value, [7u32])),
        goldens.clone().record("1.1.0", Vec::new()).unwrap_err().to_string(),
    ];
    insta::assert_snapshot!(errors.join("\n"));
    let near = goldens.record("1.0.0-RC", vec![golden("a", Role::Value, [7u32])]);
    assert_eq!(near, Ok(true));
    let near = goldens.record("1.0.0-rc", vec![golden("a", Role::Value, [7u32])]).unwrap_err();
    assert!(matches!(near, MergeError::NearlyRelease { .. }), "{near}");
}

#[test]
fn recording_the_same_again_changes_nothing_and_other_states_are_added() {
    let mut goldens = recorded();
    let map = |keys: [u32; 3]| -> indexmap::IndexMap<u32, u8> { keys.into_iter().map(|key| (key, 1)).collect() };
    assert_eq!(goldens.record("1.1.0", vec![golden("counts", Role::Value, [map([1, 2, 3])])]), Ok(true));
    let before = goldens.clone();
    // Hash maps have a different order every time.
    assert_eq!(goldens.record("1.1.0", vec![golden("counts", Role::Value, [map([3, 1, 2])])]), Ok(false));
    assert_eq!(goldens.record("1.0.0", vec![golden("orders", Role::Key, [7u32])]), Ok(false));
    assert_eq!(goldens, before);
    let names: Vec<String> = goldens.newest().unwrap().goldens.iter().map(|golden| golden.stem()).collect();
    assert_eq!(names, ["a%2F%C3%BC%2Eb.map-key", "counts.value"]);
}

#[test]
fn todays_snapshots_are_files_of_their_own() {
    let recorded = recorded();
    let states = recorded.releases[0].goldens.iter().map(|golden| typeser::golden::Current {
        state: golden.state.clone(),
        role: golden.role,
        snapshot: golden.snapshot.clone(),
        conversions: typeser::serializer::Conversions::new(),
    });
    let today = Today { states: states.collect() };
    let files = today.to_files();
    assert_eq!(files.keys().collect::<Vec<_>>(), ["orders.key.json", "orders.value.json"]);
    assert_eq!(Today::from_files(&files).unwrap().to_files(), files);
    let errors = |name: &str, text: &str| {
        let files = [(name.to_owned(), text.as_bytes().to_vec())].into();
        Today::from_files(&files).unwrap_err().to_string()
    };
    insta::assert_snapshot!([errors("orders.json", "{}"), errors("orders.value.json", "{}")].join("\n"));
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("golden"), &recorded);
    assert_eq!(Today::read(folder.path()).unwrap().states.len(), 0);
    assert!(Today::read(folder.path().join("nowhere")).unwrap_err().to_string().starts_with("cannot read "));
}
