//! A savepoint exists whole or not at all, can be moved, and notices every changed byte.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::fs;
use std::path::Path;

use typeser_state::backend::{MemoryBackend, RedbBackend};
use typeser_state::key_group::{KeyGroupRange, MaxParallelism};
use typeser_state::keyed::{KeyedStateBackend, Operator};
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::{ReadSavepointError, Savepoint};

type State = KeyedStateBackend<String, MemoryBackend>;

fn filled(uid: &str, keys: u32) -> State {
    let mut operator = Operator::<String>::new(uid).unwrap();
    let totals = operator.value::<(u32, String)>("totals").unwrap();
    let recent = operator.list::<i16>("recent").unwrap();
    let by_name = operator.map::<String, u64>("by-name").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for number in 0..keys {
        state.set_current_key(&format!("N{number}")).unwrap();
        totals.update(&mut state, &(number, "t".repeat(number as usize % 7))).unwrap();
        recent.add_all(&mut state, &[1, -1, number as i16]).unwrap();
        by_name.put(&mut state, &"EWR".to_owned(), &u64::from(number)).unwrap();
    }
    state
}

/// Every row as text.
fn dump(savepoint: &Savepoint, uid: &str) -> Vec<String> {
    let mut rows = savepoint.rows(uid).unwrap();
    let mut found = Vec::new();
    while let Some(row) = rows.next_row().unwrap() {
        found.push(format!("{} {:?} {:?} = {:?}", row.state.name(), row.key.key, row.key.rest, row.value));
    }
    found.sort();
    found
}

fn files(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn read_all(directory: &Path) -> Result<(), ReadSavepointError> {
    Savepoint::open(directory)?.verify()
}

/// The message without the path of the temporary directory.
fn message(error: impl std::fmt::Display, directory: &Path) -> String {
    error.to_string().replace(&directory.display().to_string(), "<savepoint>")
}

/// The offset in a message that begins with the file and the offset, as every message on bytes does.
fn offset(error: &ReadSavepointError, file: &Path) -> usize {
    let text = error.to_string();
    let rest = text.strip_prefix(&format!("{}: at offset ", file.display())).unwrap_or_else(|| panic!("{text}"));
    rest.split_once(':').unwrap().0.parse().unwrap_or_else(|_| panic!("{text}"))
}

#[test]
fn a_savepoint_holds_several_operators_and_can_be_moved() {
    let folder = tempfile::tempdir().unwrap();
    let (first, moved) = (folder.path().join("first"), folder.path().join("moved"));
    let (one, two) = (filled("one", 20), filled("two", 3));
    Savepoint::create(&first).unwrap().operator(&one).unwrap().operator(&two).unwrap().finish().unwrap();
    assert_eq!(files(folder.path()), ["first"], "nothing but the savepoint is left");
    assert_eq!(files(&first), ["00000-00000-00127.rows", "00001-00000-00127.rows", "manifest.typeser"]);

    let before = dump(&Savepoint::open(&first).unwrap(), "one");
    assert_eq!(before.len(), 20 * 5);
    fs::rename(&first, &moved).unwrap();
    let savepoint = Savepoint::open(&moved).unwrap();
    assert_eq!(dump(&savepoint, "one"), before);
    assert_eq!(dump(&savepoint, "two").len(), 3 * 5);
    let all = KeyGroupRange::all(MaxParallelism::DEFAULT);
    let sizes: Vec<_> = savepoint.operators()[0]
        .meta()
        .states()
        .iter()
        .map(|state| (state.name(), savepoint.operators()[0].size_of(state.id(), all).entries))
        .collect();
    assert_eq!(sizes, [("totals", 20), ("recent", 60), ("by-name", 20)]);
}

#[test]
fn bytes_go_from_memory_to_redb_and_back_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let operator = || {
        let mut operator = Operator::<String>::new("one").unwrap();
        operator.value::<(u32, String)>("totals").unwrap();
        operator.list::<i16>("recent").unwrap();
        operator.map::<String, u64>("by-name").unwrap();
        operator
    };
    let write = |name: &str| folder.path().join(name);
    let options = RestoreOptions::new();
    let state = filled("one", 500);
    let first = Savepoint::create(write("1")).unwrap().operator(&state).unwrap().finish().unwrap();
    let backend = RedbBackend::open_with_buffer(write("state.redb"), 1000).unwrap();
    let state = operator().restore(&first, backend, &options, &mut |_| ()).unwrap();
    let second = Savepoint::create(write("2")).unwrap().operator(&state).unwrap().finish().unwrap();
    drop(state);
    let state = operator().open(RedbBackend::open(write("state.redb")).unwrap()).unwrap();
    let third = Savepoint::create(write("3")).unwrap().operator(&state).unwrap().finish().unwrap();
    let state = operator().restore(&third, MemoryBackend::new(), &options, &mut |_| ()).unwrap();
    let fourth = Savepoint::create(write("4")).unwrap().operator(&state).unwrap().finish().unwrap();
    for name in files(first.path()) {
        let bytes = |savepoint: &Savepoint| fs::read(savepoint.path().join(&name)).unwrap();
        assert!(bytes(&first) == bytes(&second), "{name}");
        assert!(bytes(&first) == bytes(&third), "{name}");
        assert!(bytes(&first) == bytes(&fourth), "{name}");
    }
}

#[test]
fn rows_larger_than_a_block_get_a_block_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut operator = Operator::<u32>::new("large").unwrap();
    let value = operator.value::<Vec<u8>>("value").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for key in 0..8 {
        state.set_current_key(&key).unwrap();
        value.update(&mut state, &vec![key as u8; 150_000 * key as usize]).unwrap();
    }
    let directory = folder.path().join("large");
    let savepoint = Savepoint::create(&directory).unwrap().operator(&state).unwrap().finish().unwrap();
    let bytes = fs::read(directory.join("00000-00000-00127.rows")).unwrap();
    let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let (mut at, mut blocks) = (14 + number(10) + 4, Vec::new());
    while at < bytes.len() {
        blocks.push((number(at), number(at + 4)));
        at += 9 + number(at) + 4;
    }
    assert!(blocks.iter().all(|(length, rows)| *length <= 256 * 1024 || *rows == 1), "{blocks:?}");
    assert_eq!(blocks.iter().map(|(_, rows)| rows).sum::<usize>(), 8);
    let mut restored = operator.restore(&savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).unwrap();
    for key in 0..8 {
        restored.set_current_key(&key).unwrap();
        assert_eq!(value.get(&mut restored).unwrap(), Some(vec![key as u8; 150_000 * key as usize]));
    }
}

#[test]
fn instances_of_one_operator_share_a_savepoint() {
    let folder = tempfile::tempdir().unwrap();
    let max_parallelism = MaxParallelism::new(16).unwrap();
    let declare = |range: KeyGroupRange| {
        let mut operator = Operator::<u32>::new("parallel").unwrap().with_max_parallelism(max_parallelism).unwrap();
        operator = operator.with_key_groups(range).unwrap();
        let value = operator.value::<u32>("value").unwrap();
        (operator, value)
    };
    let share = |parallelism, instance| KeyGroupRange::of_instance(max_parallelism, parallelism, instance).unwrap();
    let mut writer = Savepoint::create(folder.path().join("three")).unwrap();
    for instance in [2, 0, 1] {
        let (operator, value) = declare(share(3, instance));
        let mut state = operator.open(MemoryBackend::new()).unwrap();
        for key in 0..200 {
            if state.set_current_key(&key).is_ok() {
                value.update(&mut state, &(key * 2)).unwrap();
            }
        }
        writer = writer.operator(&state).unwrap();
    }
    let savepoint = writer.finish().unwrap();
    let mut found = 0;
    for instance in 0..2 {
        let (operator, value) = declare(share(2, instance));
        let mut state =
            operator.restore(&savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).unwrap();
        for key in state.keys().unwrap() {
            state.set_current_key(&key).unwrap();
            assert_eq!(value.get(&mut state).unwrap(), Some(key * 2));
            found += 1;
        }
    }
    assert_eq!(found, 200);
}

/// An instance of an operator with a key in every group that it owns.
fn instance(uid: &str, first: u16, last: u16) -> KeyedStateBackend<u32, MemoryBackend> {
    let range = KeyGroupRange::new(first, last).unwrap();
    let mut operator = Operator::<u32>::new(uid).unwrap().with_key_groups(range).unwrap();
    let value = operator.value::<u32>("value").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for key in 0..1000 {
        if state.set_current_key(&key).is_ok() {
            value.update(&mut state, &(key * 2)).unwrap();
        }
    }
    state
}

#[test]
fn a_savepoint_without_some_key_groups_is_not_written_unless_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("part");
    let writer = || {
        let writer = Savepoint::create(&directory).unwrap();
        let writer = writer.operator(&instance("a", 100, 109)).unwrap().operator(&instance("whole", 0, 127)).unwrap();
        writer.operator(&instance("a", 3, 63)).unwrap().operator(&instance("b", 0, 63)).unwrap()
    };
    let error = writer().finish().unwrap_err();
    assert_eq!(
        error.to_string(),
        "key groups are missing: operator `a` lacks 0..=2, 64..=99, 110..=127, operator `b` lacks 64..=127; add every \
         instance of each operator before `finish`, or, if a part is enough, call \
         `allow_missing_key_groups`; no savepoint was written"
    );
    assert_eq!(files(folder.path()), [""; 0]);

    let savepoint = writer().allow_missing_key_groups().finish().unwrap();
    savepoint.verify().unwrap();
    let missing = |first, last| {
        let range = KeyGroupRange::new(first, last).unwrap();
        let missing = savepoint.operator("a").unwrap().missing_key_groups(range);
        missing.iter().map(KeyGroupRange::to_string).collect::<Vec<_>>().join(", ")
    };
    for (first, last, expected) in [
        (0, 127, "0..=2, 64..=99, 110..=127"),
        (3, 63, ""),
        (105, 109, ""),
        (0, 0, "0..=0"),
        (2, 3, "2..=2"),
        (63, 64, "64..=64"),
        (70, 80, "70..=80"),
        (64, 99, "64..=99"),
        (127, 127, "127..=127"),
        (5, u16::MAX, "64..=99, 110..=65535"),
    ] {
        assert_eq!(missing(first, last), expected, "of {first}..={last}");
    }
}

#[test]
fn key_groups_that_a_savepoint_lacks_are_not_restored_as_if_they_were_empty() {
    let folder = tempfile::tempdir().unwrap();
    let writer = Savepoint::create(folder.path().join("part")).unwrap().operator(&instance("a", 0, 63)).unwrap();
    let savepoint = writer.allow_missing_key_groups().finish().unwrap();
    let restore = |first, last| {
        let range = KeyGroupRange::new(first, last).unwrap();
        let mut operator = Operator::<u32>::new("a").unwrap().with_key_groups(range).unwrap();
        operator.value::<u32>("value").unwrap();
        let state = operator.restore(&savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ());
        state.map(|state| state.keys().unwrap().len())
    };
    let messages = [(0, 127), (64, 127), (60, 70)].map(|(first, last)| restore(first, last).unwrap_err().to_string());
    insta::assert_snapshot!(messages.join("\n----\n").replace(&folder.path().display().to_string(), "<folder>"));
    let (whole, parts) = (restore(0, 63).unwrap(), restore(0, 20).unwrap() + restore(21, 63).unwrap());
    assert!(whole > 0);
    assert_eq!(whole, parts);
}

#[test]
fn what_cannot_be_written_is_reported_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let state = filled("one", 3);
    let target = folder.path().join("taken");
    fs::create_dir(&target).unwrap();
    let mut messages = vec![Savepoint::create(&target).unwrap_err().to_string()];
    messages.push(Savepoint::create("/").unwrap_err().to_string());
    messages.push(Savepoint::create(folder.path().join("no/such/parent")).unwrap_err().to_string());
    let late = folder.path().join("late");
    let writer = Savepoint::create(&late).unwrap().operator(&state).unwrap();
    fs::write(&late, "in the way").unwrap();
    messages.push(writer.finish().unwrap_err().to_string());
    let twice = Savepoint::create(folder.path().join("twice")).unwrap().operator(&state).unwrap();
    messages.push(twice.operator(&state).unwrap_err().to_string());
    let other = Operator::<String>::new("one").unwrap().open(MemoryBackend::new()).unwrap();
    let differ = Savepoint::create(folder.path().join("differ")).unwrap().operator(&state).unwrap();
    messages.push(differ.operator(&other).unwrap_err().to_string());
    assert_eq!(files(folder.path()), ["late", "taken"]);
    let text = messages.join("\n").replace(&folder.path().display().to_string(), "<folder>");
    insta::assert_snapshot!(text.replace(&format!(".{}-", std::process::id()), ".<pid>-"));
}

#[test]
fn every_flipped_bit_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("small");
    Savepoint::create(&directory).unwrap().operator(&filled("one", 4)).unwrap().finish().unwrap();
    read_all(&directory).unwrap();
    for name in files(&directory) {
        let path = directory.join(&name);
        let good = fs::read(&path).unwrap();
        for at in 0..good.len() {
            for flip in [0x01, 0x80, 0xFF] {
                let mut bad = good.clone();
                bad[at] ^= flip;
                fs::write(&path, &bad).unwrap();
                let error = read_all(&directory).expect_err("a flipped bit goes unnoticed");
                // The reported offset is the first byte that the checksum covers, or that of the field.
                let reported = offset(&error, &path);
                assert!(reported <= at, "{name} at {at}: {error}");
            }
        }
        fs::write(&path, &good).unwrap();
    }
    read_all(&directory).unwrap();
}

#[test]
fn every_cut_and_every_added_byte_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("small");
    Savepoint::create(&directory).unwrap().operator(&filled("one", 4)).unwrap().finish().unwrap();
    for name in files(&directory) {
        let path = directory.join(&name);
        let good = fs::read(&path).unwrap();
        let envelope = 14 + u32::from_le_bytes(good[10..14].try_into().unwrap()) as usize + 4;
        for length in 0..good.len() {
            fs::write(&path, &good[..length]).unwrap();
            let error = read_all(&directory).expect_err("a cut file goes unnoticed");
            assert!(matches!(error, ReadSavepointError::Cut { .. }), "{name} cut to {length}: {error}");
            // An envelope is read whole or not at all; behind that of a file of rows, the file ends too early.
            let expected = if length < envelope { 0 } else { length };
            assert_eq!(offset(&error, &path), expected, "{name} cut to {length}: {error}");
            assert!(error.to_string().contains(&format!("it has {length} bytes of ")), "{error}");
        }
        for added in [&[0][..], b"more", &good] {
            fs::write(&path, [&good, added].concat()).unwrap();
            let error = read_all(&directory).expect_err("added bytes go unnoticed");
            assert!(matches!(error, ReadSavepointError::TooLong { .. }), "{name}: {error}");
            assert_eq!(offset(&error, &path), good.len(), "{error}");
        }
        fs::write(&path, &good).unwrap();
    }
}

#[test]
fn each_mistake_has_its_own_error() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("small");
    Savepoint::create(&directory).unwrap().operator(&filled("one", 4)).unwrap().finish().unwrap();
    let rows = directory.join("00000-00000-00127.rows");
    let manifest = directory.join("manifest.typeser");
    let mut messages = Vec::new();
    let mut record = |what: &str, error: ReadSavepointError| {
        messages.push(format!("{what}:\n    {}", message(error, &directory)));
    };
    for (path, kind) in [(&manifest, "manifest"), (&rows, "rows")] {
        let good = fs::read(path).unwrap();
        let mut with = |what: &str, change: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = good.clone();
            change(&mut bytes);
            fs::write(path, bytes).unwrap();
            record(&format!("{kind}, {what}"), read_all(&directory).unwrap_err());
        };
        with("another magic", &|bytes| bytes[..8].copy_from_slice(b"SQLite f"));
        with("a newer version", &|bytes| bytes[8] = 9);
        with("version 0", &|bytes| bytes[8] = 0);
        with("a flipped byte", &|bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        });
        with("cut in the middle", &|bytes| bytes.truncate(bytes.len() / 2));
        with("empty", &|bytes| bytes.clear());
        with("longer", &|bytes| bytes.push(0));
        fs::write(path, good).unwrap();
    }
    let savepoint = Savepoint::open(&directory).unwrap();
    record("another operator", savepoint.rows("two").unwrap_err());
    fs::remove_file(&rows).unwrap();
    record("no file of rows", savepoint.verify().unwrap_err());
    fs::remove_file(&manifest).unwrap();
    record("no manifest", Savepoint::open(&directory).unwrap_err());
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn a_file_of_another_savepoint_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, uid: &str, value: u32| {
        let mut operator = Operator::<u8>::new(uid).unwrap();
        let state = operator.value::<u32>("value").unwrap();
        let mut opened = operator.open(MemoryBackend::new()).unwrap();
        opened.set_current_key(&1).unwrap();
        state.update(&mut opened, &value).unwrap();
        Savepoint::create(folder.path().join(name)).unwrap().operator(&opened).unwrap().finish().unwrap()
    };
    let (one, other_value, other_uid) = (write("1", "one", 1), write("2", "one", 2), write("3", "two", 1));
    let name = "00000-00000-00127.rows";
    let mut messages = Vec::new();
    for target in [other_value, other_uid] {
        fs::copy(one.path().join(name), target.path().join(name)).unwrap();
        messages.push(message(target.verify().unwrap_err(), target.path()));
    }
    insta::assert_snapshot!(messages.join("\n"));
}
