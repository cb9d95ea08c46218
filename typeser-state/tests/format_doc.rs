//! `docs/savepoint-format.md` and the code say the same: its example is what the code writes and reads.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::fs;

use typeser_state::backend::MemoryBackend;
use typeser_state::descriptor::{SerializerPart, StateKind};
use typeser_state::keyed::Operator;
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::{MANIFEST_NAME, Savepoint};

const DOC: &str = include_str!("../../docs/savepoint-format.md");

/// The bytes of the hexdump that follows this heading.
fn hexdump(heading: &str) -> Vec<u8> {
    let (_, rest) = DOC.split_once(&format!("\n### {heading}\n")).unwrap();
    let (_, rest) = rest.split_once("```hexdump\n").unwrap();
    let mut bytes = Vec::new();
    for line in rest.split_once("```").unwrap().0.lines() {
        let [offset, hexadecimal, _] = line.splitn(3, '|').collect::<Vec<_>>()[..] else { panic!("{line}") };
        assert_eq!(usize::from_str_radix(offset.trim(), 16).unwrap(), bytes.len(), "{line}");
        bytes.extend(hexadecimal.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()));
    }
    bytes
}

#[test]
fn the_example_is_what_is_written_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut operator = Operator::<u8>::new("o").unwrap();
    let value = operator.value::<u16>("v").unwrap();
    let list = operator.list::<i8>("l").unwrap();
    let map = operator.map::<u8, bool>("m").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    state.set_current_key(&9).unwrap();
    value.update(&mut state, &513).unwrap();
    list.add_all(&mut state, &[5, -1]).unwrap();
    map.put(&mut state, &3, &true).unwrap();
    let written = folder.path().join("written");
    let written = Savepoint::create(written).unwrap().operator(&state).unwrap().finish().unwrap();
    let rows = written.operators()[0].files()[0].name();
    assert!(hexdump("An example of rows") == fs::read(written.path().join(rows)).unwrap());

    // The release that wrote a manifest stands in it, so the page's is read and not compared.
    let page = folder.path().join("page");
    fs::create_dir(&page).unwrap();
    fs::write(page.join(MANIFEST_NAME), hexdump("An example of a manifest")).unwrap();
    fs::write(page.join(rows), hexdump("An example of rows")).unwrap();
    let page = Savepoint::open(page).unwrap();
    assert_eq!(page.operators(), written.operators());
    let mut state = operator.restore(&page, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).unwrap();
    state.set_current_key(&9).unwrap();
    assert_eq!(value.get(&mut state).unwrap(), Some(513));
    assert_eq!(list.get(&mut state).unwrap(), [5, -1]);
    assert_eq!(map.entries(&mut state).unwrap(), [(3, true)]);
}

#[test]
fn the_numbers_are_those_of_the_page() {
    let kinds: Vec<String> = StateKind::ALL.map(|kind| format!("{} {kind}", kind.number())).into();
    assert!(DOC.contains(&format!("kind: u8 ({})", kinds.join(", "))), "{kinds:?}");
    let parts: Vec<String> = SerializerPart::ALL.map(|part| format!("{} {part}", part.number())).into();
    assert!(DOC.contains(&format!("part: u8 ({})", parts.join(", "))), "{parts:?}");
}
