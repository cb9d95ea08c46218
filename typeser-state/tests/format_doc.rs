//! `docs/savepoint-format.md` and the code say the same: its examples are what the code writes and reads.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use typeser_state::backend::MemoryBackend;
use typeser_state::descriptor::{
    MapStateDescriptor, SerializerPart, StateKind, StateVisibility, TimeToLive, UpdateType, ValueStateDescriptor,
};
use typeser_state::keyed::{ListState, ManualClock, MapState, Operator, RawKeyedState, ValueState};
use typeser_state::operator::{OperatorStates, SplitList};
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::{MANIFEST_NAME, Savepoint};
use typeser_state::timer::TimeDomain::{EventTime, ProcessingTime};
use typeser_state::timer::{TimeDomain, Timers};

const DOC: &str = include_str!("../../docs/savepoint-format.md");
const ROWS: &str = "00000-00000-00127.rows";
const INSTANCE: &str = "instances-00000-00000.rows";

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

/// The program of the example.
struct Example {
    operator: Operator<u8>,
    value: ValueState<u16>,
    list: ListState<i8>,
    map: MapState<u8, bool>,
    timers: Timers<u8>,
    raw: RawKeyedState,
    states: OperatorStates,
    split: SplitList<u8>,
}

fn example() -> Example {
    let clock = Arc::new(ManualClock::new(1500));
    let mut operator = Operator::<u8>::new("o").unwrap().with_clock(clock);
    let second = TimeToLive::new(Duration::from_secs(1));
    let value = ValueStateDescriptor::new("v").unwrap().with_time_to_live(second);
    let map = MapStateDescriptor::new("m").unwrap().with_namespace::<u8>().unwrap();
    let mut states = OperatorStates::new("o").unwrap();
    Example {
        value: operator.value_state(value).unwrap(),
        list: operator.list("l").unwrap(),
        map: operator.map_state(map).unwrap(),
        timers: operator.timers("t").unwrap(),
        raw: operator.raw("r").unwrap(),
        split: states.split_list("s").unwrap(),
        operator,
        states,
    }
}

fn write(directory: &Path) -> Savepoint {
    let Example { operator, value, list, map, timers, raw, states, split } = example();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    state.set_current_key(&9).unwrap();
    state.set_current_namespace(&4u8).unwrap();
    value.update(&mut state, &513).unwrap();
    list.add_all(&mut state, &[5, -1]).unwrap();
    map.put(&mut state, &3, &true).unwrap();
    timers.register(&mut state, EventTime, 2000).unwrap();
    raw.put(&mut state, 127, b"raw").unwrap();
    let mut store = states.open().unwrap();
    split.add_all(&mut store, &[7, 8]).unwrap();
    let writer = Savepoint::create(directory).unwrap();
    writer.operator(&state).unwrap().operator_state(&store).unwrap().finish().unwrap()
}

#[test]
fn the_example_is_what_is_written_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let written = write(&folder.path().join("written"));
    let bytes = |name: &str| fs::read(written.path().join(name)).unwrap();
    assert!(hexdump("An example of rows") == bytes(ROWS));
    assert!(hexdump("An example of operator state") == bytes(INSTANCE));

    // The release that wrote a manifest stands in it, so the page's is read and not compared.
    let page = folder.path().join("page");
    fs::create_dir(&page).unwrap();
    fs::write(page.join(MANIFEST_NAME), hexdump("An example of a manifest")).unwrap();
    fs::write(page.join(ROWS), hexdump("An example of rows")).unwrap();
    fs::write(page.join(INSTANCE), hexdump("An example of operator state")).unwrap();
    let page = Savepoint::open(page).unwrap();
    assert_eq!(page.operators(), written.operators());
    assert_eq!(page.operator_states(), written.operator_states());

    let Example { operator, value, list, map, timers, raw, states, split } = example();
    let options = RestoreOptions::new().with_operator("o").with_operator_state("o");
    let mut state = operator.restore(&page, MemoryBackend::new(), &options, &mut |_| ()).unwrap();
    state.set_current_key(&9).unwrap();
    state.set_current_namespace(&4u8).unwrap();
    assert_eq!(value.get(&mut state).unwrap(), Some(513));
    assert_eq!(list.get(&mut state).unwrap(), [5, -1]);
    assert_eq!(map.entries(&mut state).unwrap(), [(3, true)]);
    assert_eq!(timers.registered(&mut state, EventTime).unwrap(), [2000]);
    assert!(timers.registered(&mut state, ProcessingTime).unwrap().is_empty());
    assert_eq!(raw.get(&mut state, 127).unwrap(), Some(b"raw".to_vec()));
    let mut store = states.restore(&page, &options).unwrap();
    assert_eq!(split.get(&mut store).unwrap(), [7, 8]);
}

#[test]
fn the_example_of_version_1_is_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(MANIFEST_NAME), hexdump("A manifest of version 1")).unwrap();
    fs::write(folder.path().join(ROWS), hexdump("Rows of version 1")).unwrap();
    let savepoint = Savepoint::open(folder.path()).unwrap();
    savepoint.verify().unwrap();
    let mut operator = Operator::<u8>::new("o").unwrap();
    let value = operator.value::<u16>("v").unwrap();
    let list = operator.list::<i8>("l").unwrap();
    let map = operator.map::<u8, bool>("m").unwrap();
    let mut state = operator.restore(&savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).unwrap();
    state.set_current_key(&9).unwrap();
    assert_eq!(value.get(&mut state).unwrap(), Some(513));
    assert_eq!(list.get(&mut state).unwrap(), [5, -1]);
    assert_eq!(map.entries(&mut state).unwrap(), [(3, true)]);
}

#[test]
fn the_numbers_are_those_of_the_page() {
    let listed = |what: &str, names: Vec<String>| {
        assert!(DOC.contains(&format!("{what} ({})", names.join(", "))), "{what}: {names:?}");
    };
    listed("kind: u8", StateKind::ALL.map(|kind| format!("{} {kind}", kind.number())).into());
    let parts = SerializerPart::ALL.into_iter().filter(|part| *part != SerializerPart::Namespace);
    listed("part: u8", parts.map(|part| format!("{} {part}", part.number())).collect());
    listed("time domain: u8", TimeDomain::ALL.map(|domain| format!("{} {domain}", domain.number())).into());
    let update = [UpdateType::OnCreateAndWrite, UpdateType::OnReadAndWrite];
    listed("update: u8", update.map(|update| format!("{} {update:?}", update as u8)).into());
    let visibility = [StateVisibility::NeverReturnExpired, StateVisibility::ReturnExpiredIfNotCleanedUp];
    listed("visibility: u8", visibility.map(|visibility| format!("{} {visibility:?}", visibility as u8)).into());
}

/// `TYPESER_WRITE_EXAMPLE=folder` writes the files of the example, to be drawn in the page.
#[test]
fn the_example_can_be_written_for_the_page() {
    if let Some(folder) = std::env::var_os("TYPESER_WRITE_EXAMPLE") {
        write(Path::new(&folder));
    }
}
