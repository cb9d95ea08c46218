//! Rows are read without the types that wrote them, and what cannot be read is reported with its place.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use typeser_state::backend::MemoryBackend;
use typeser_state::keyed::Operator;
use typeser_state::processor::{Entry, EntryPlace, Query, ReadStateError};
use typeser_state::savepoint::Savepoint;

use support::{UID, many, steady, write};

const ROWS: &str = "00000-00000-00127.rows";

fn golden() -> Savepoint {
    golden_of(1)
}

fn golden_of(version: u16) -> Savepoint {
    let folder = format!("../golden/savepoint/v{version}/orders");
    Savepoint::open(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap()
}

fn line(entry: &Entry<'_>) -> String {
    let place = match &entry.place {
        EntryPlace::Value => String::new(),
        EntryPlace::Element(sequence) => format!("[{sequence}]"),
        EntryPlace::MapKey(key) => format!("{{{key}}}"),
        EntryPlace::Timer { domain, time } => format!(" at {domain} {time}"),
    };
    let key = entry.key.as_ref().map_or("-".to_owned(), ToString::to_string);
    let namespace = entry.namespace.as_ref().map(|namespace| format!(" in {namespace}")).unwrap_or_default();
    let last_write = entry.last_write.map(|time| format!(" @{time}")).unwrap_or_default();
    let value = entry.raw.as_ref().map_or_else(|| entry.value.to_string(), |raw| format!("{raw:02x?}"));
    format!("{} {key}{namespace} {}{place}{last_write} = {value}", entry.key_group, entry.state.name())
}

fn lines(savepoint: &Savepoint, query: &Query) -> Vec<String> {
    query.run(savepoint).unwrap().map(|entry| line(&entry.unwrap())).collect()
}

#[test]
fn every_row_of_the_golden_can_be_read() {
    insta::assert_snapshot!(lines(&golden(), &Query::new()).join("\n"));
}

#[test]
fn every_sort_of_state_can_be_read() {
    insta::assert_snapshot!(lines(&golden_of(2), &Query::new()).join("\n"));
}

#[test]
fn rows_without_a_key_or_a_key_group_are_not_taken_for_others() {
    let savepoint = golden_of(2);
    let of = |query: Query| lines(&savepoint, &query);
    // Every row of a key, and no raw one: raw keyed state and operators themselves have no keys.
    let keyed = of(Query::new().key("dove"));
    assert!(!keyed.is_empty() && keyed.iter().all(|line| line.contains(" \"dove\"")), "{keyed:?}");
    let all = of(Query::new());
    let of_groups: Vec<String> = (0..128).flat_map(|group| of(Query::new().key_group(group))).collect();
    let source = &savepoint.operator_states()[0];
    let of_instances: u64 = source.states().iter().map(|state| source.size_of(state.id()).entries).sum();
    assert_eq!(of_groups.len() as u64 + of_instances, all.len() as u64);
}

#[test]
fn rows_are_chosen_by_operator_state_key_and_key_group() {
    let savepoint = golden();
    let all = lines(&savepoint, &Query::new());
    let with = |part: &str| all.iter().filter(|line| line.contains(part)).cloned().collect::<Vec<_>>();
    assert_eq!(lines(&savepoint, &Query::new().operator("orders")), all);
    assert_eq!(lines(&savepoint, &Query::new().state("weights")), with(" weights["));
    for key in ["dove", "\"dove\""] {
        assert_eq!(lines(&savepoint, &Query::new().key(key)), with(" \"dove\" "));
    }
    assert_eq!(lines(&savepoint, &Query::new().key("dov")), Vec::<String>::new());
    assert_eq!(lines(&savepoint, &Query::new().key("dove").state("stops")).len(), 1);
    let groups: BTreeSet<u16> = Query::new().run(&savepoint).unwrap().map(|entry| entry.unwrap().key_group).collect();
    let mut found = Vec::new();
    for group in 0..128 {
        let of_group = lines(&savepoint, &Query::new().key_group(group));
        assert_eq!(of_group.is_empty(), !groups.contains(&group));
        found.extend(of_group);
    }
    assert_eq!(found, all);

    let folder = tempfile::tempdir().unwrap();
    let savepoint = write(&folder.path().join("s"), &many(20), 3);
    let key = r#"Aircraft { tail: "N7", year: 1997 }"#;
    let text = lines(&savepoint, &Query::new().key(key));
    let json = lines(&savepoint, &Query::new().key(r#"{"tail":"N7","year":1997}"#));
    // A value, three elements and an entry, and nothing of the other operator.
    assert_eq!((text.len(), &text), (5, &json));
    assert_eq!(lines(&savepoint, &Query::new().key("7")).len(), 1, "the key of the other operator");
}

#[test]
fn names_that_do_not_exist_are_reported() {
    let savepoint = golden();
    let messages = [
        Query::new().operator("order").run(&savepoint).unwrap_err().to_string(),
        Query::new().state("weight").run(&savepoint).unwrap_err().to_string(),
        Query::new().key_group(128).run(&savepoint).unwrap_err().to_string(),
    ];
    let folder = savepoint.path().display().to_string();
    insta::assert_snapshot!(messages.join("\n").replace(&folder, "<golden>"));
}

/// Where the blocks of a file of rows begin; the last is the end.
fn blocks(bytes: &[u8]) -> Vec<usize> {
    let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let (mut at, mut blocks) = (14 + number(10) + 4, Vec::new());
    while at < bytes.len() {
        blocks.push(at);
        at += 9 + number(at) + 4;
    }
    blocks
}

/// A savepoint of one operator whose file has several blocks.
fn large(path: &Path) -> Savepoint {
    let mut operator = Operator::<u32>::new("large").unwrap();
    let value = operator.value::<String>("value").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for key in 0..2000u32 {
        state.set_current_key(&key).unwrap();
        value.update(&mut state, &"v".repeat(400 + key as usize % 300)).unwrap();
    }
    Savepoint::create(path).unwrap().operator(&state).unwrap().finish().unwrap()
}

/// How many rows can be read, and what is reported about the others.
fn read_on(savepoint: &Savepoint, query: Query) -> (usize, Vec<String>) {
    let (mut rows, mut errors) = (0, Vec::new());
    for entry in query.go_on_behind_errors().run(savepoint).unwrap() {
        match entry {
            Ok(_) => rows += 1,
            Err(error) => {
                errors.push(error.to_string().replace(&savepoint.path().display().to_string(), "<savepoint>"))
            }
        }
    }
    (rows, errors)
}

#[test]
fn a_damaged_block_is_reported_and_the_rest_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = large(&folder.path().join("s"));
    let file = savepoint.path().join(ROWS);
    let good = fs::read(&file).unwrap();
    let blocks = blocks(&good);
    assert!(blocks.len() > 3, "{blocks:?}");
    let rows_in = |block: usize| u32::from_le_bytes(good[blocks[block] + 4..blocks[block] + 8].try_into().unwrap());
    for block in 0..blocks.len() - 1 {
        for at in [blocks[block] + 9, blocks[block] + 1000, blocks[block + 1] - 1] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&file, &bad).unwrap();
            let (rows, errors) = read_on(&savepoint, Query::new());
            assert_eq!((rows, errors.len()), (2000 - rows_in(block) as usize, 1), "{errors:?}");
            assert!(errors[0].starts_with(&format!("<savepoint>/{ROWS}: at offset {}:", blocks[block])), "{errors:?}");
            // Without that flag it ends there.
            let entries: Vec<_> = Query::new().run(&savepoint).unwrap().collect();
            assert!(entries.last().unwrap().is_err() && entries.len() < 2000);
        }
    }
    // A length that leads nowhere takes the rest of the file along.
    let mut bad = good.clone();
    bad[blocks[1] + 3] = 0x7F;
    fs::write(&file, &bad).unwrap();
    let (rows, errors) = read_on(&savepoint, Query::new());
    assert_eq!((rows, errors.len()), (rows_in(0) as usize, 1));
    insta::assert_snapshot!(errors[0]);
    // The end is the last block: all rows are there, and yet the file is not as it was.
    let mut bad = good.clone();
    bad[good.len() - 6] ^= 1;
    fs::write(&file, &bad).unwrap();
    let (rows, errors) = read_on(&savepoint, Query::new());
    assert_eq!((rows, errors.len()), (2000, 1), "{errors:?}");
}

#[test]
fn every_changed_byte_and_every_cut_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = write(&folder.path().join("s"), &many(5), 1);
    let (good_rows, errors) = read_on(&savepoint, Query::new());
    assert!(errors.is_empty());
    let others = read_on(&savepoint, Query::new().operator("untouched")).0;
    let file = savepoint.path().join(ROWS);
    let good = fs::read(&file).unwrap();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x21;
        fs::write(&file, &bad).unwrap();
        let (rows, errors) = read_on(&savepoint, Query::new());
        assert!(!errors.is_empty() && rows >= others && rows <= good_rows, "{at}");
        assert!(errors.iter().all(|error| error.contains(": at offset ")), "{errors:?}");
    }
    for length in 0..good.len() {
        fs::write(&file, &good[..length]).unwrap();
        let (rows, errors) = read_on(&savepoint, Query::new());
        assert!(errors.len() == 1 && rows >= others, "{length}");
    }
    fs::remove_file(&file).unwrap();
    let (rows, errors) = read_on(&savepoint, Query::new());
    assert_eq!((rows, errors.len()), (others, 1));
    insta::assert_snapshot!("a_file_that_is_missing", errors[0]);
}

fn seal(block: &mut [u8]) {
    let at = block.len() - 4;
    let checksum = typeser::wire::checksum(&block[..at]).to_le_bytes();
    block[at..].copy_from_slice(&checksum);
}

#[test]
fn a_row_that_contradicts_its_snapshot_is_reported_and_the_next_one_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = write(&folder.path().join("s"), &many(12), 1);
    let (good_rows, _) = read_on(&savepoint, Query::new());
    let file = savepoint.path().join(ROWS);
    let good = fs::read(&file).unwrap();
    let blocks = blocks(&good);
    let entries: Vec<Entry<'_>> = Query::new().state("totals").run(&savepoint).unwrap().map(Result::unwrap).collect();
    let row = entries.iter().find(|entry| entry.value.to_string().contains("Late")).unwrap();
    // The tag of the punctuality stands behind 8 bytes; the key of the row takes as many as its first byte says.
    let tag = row.offset as usize + 2 + usize::from(good[row.offset as usize]) + 8;
    let mut bad = good.clone();
    assert_eq!(bad[tag], 1);
    bad[tag] = 9;
    seal(&mut bad[blocks[0]..blocks[1]]);
    fs::write(&file, &bad).unwrap();
    let (rows, errors) = read_on(&savepoint, Query::new());
    // The row, and at the end that the file differs from the one in the manifest.
    assert_eq!((rows, errors.len()), (good_rows - 1, 2), "{errors:?}");
    insta::assert_snapshot!("a_row_that_cannot_be_decoded", errors.join("\n"));
    let error = Query::new().run(&savepoint).unwrap().find_map(Result::err).unwrap();
    assert!(matches!(error, ReadStateError::Undecodable { offset, .. } if offset == row.offset), "{error}");
    assert_eq!(Query::new().run(&savepoint).unwrap().filter(Result::is_err).count(), 1);

    // A row whose key belongs elsewhere: the rows behind it are read.
    let mut bad = good.clone();
    let key_group = row.offset as usize + 2;
    bad[key_group + 1] = 0;
    seal(&mut bad[blocks[0]..blocks[1]]);
    fs::write(&file, &bad).unwrap();
    let (rows, errors) = read_on(&savepoint, Query::new());
    assert_eq!((rows, errors.len()), (good_rows - 1, 1), "{errors:?}");
    insta::assert_snapshot!("a_row_in_the_wrong_place", steady(&errors[0], folder.path()));
    assert!(errors[0].contains(UID));
}
