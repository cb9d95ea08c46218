//! Options that name a state mean that state alone: programs of several operators, whose states share their names.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::select;
use typeser_state::backend::MemoryBackend;
use typeser_state::keyed::{KeyedStateBackend, Operator};
use typeser_state::operator::{OperatorStateStore, OperatorStates};
use typeser_state::restore::{Program, RestoreOptions, StateVerdict};
use typeser_state::savepoint::Savepoint;
use typeser_state::timer::TimeDomain::EventTime;

const UIDS: [&str; 3] = ["first", "second", "third"];
/// Names that built-in functions use, so that every operator has them.
const NAMES: [&str; 4] = ["list-checkpointed", "window", "reduce", "timers"];

/// Which states an operator declares, by the position of their names: keyed state, then operator state.
type Declared = ([bool; 4], [bool; 4]);

/// Rows of a state, by its uid, whether it is keyed, and its name.
type Contents = BTreeMap<(String, bool, String), Vec<(Vec<u8>, Vec<u8>)>>;

#[derive(Debug, Clone, Copy)]
enum Verb {
    Drop,
    Reset,
    Retain,
}

type Named = (Verb, &'static str, &'static str);

fn keyed(
    uid: &str,
    declared: [bool; 4],
    seed: Option<u32>,
) -> (Operator<u16>, Option<KeyedStateBackend<u16, MemoryBackend>>) {
    let mut operator = Operator::<u16>::new(uid).unwrap();
    let list = declared[0].then(|| operator.list::<u32>(NAMES[0]).unwrap());
    let value = declared[1].then(|| operator.value::<u32>(NAMES[1]).unwrap());
    let raw = declared[2].then(|| operator.raw(NAMES[2]).unwrap());
    let timers = declared[3].then(|| operator.timers::<()>(NAMES[3]).unwrap());
    let state = seed.map(|seed| {
        let mut state = operator.open(MemoryBackend::new()).unwrap();
        for key in 0..5_u16 {
            state.set_current_key(&key).unwrap();
            let number = seed + u32::from(key);
            if let Some(list) = list {
                list.add_all(&mut state, &[number, 7]).unwrap();
            }
            if let Some(value) = value {
                value.update(&mut state, &number).unwrap();
            }
            if let Some(raw) = raw {
                raw.put(&mut state, key, &number.to_be_bytes()).unwrap();
            }
            if let Some(timers) = timers {
                timers.register(&mut state, EventTime, number.into()).unwrap();
            }
        }
        state
    });
    (operator, state)
}

fn own(uid: &str, declared: [bool; 4], seed: Option<u32>) -> (OperatorStates, Option<OperatorStateStore>) {
    let mut states = OperatorStates::new(uid).unwrap();
    let split = declared[0].then(|| states.split_list::<u32>(NAMES[0]).unwrap());
    let union = declared[1].then(|| states.union_list::<u32>(NAMES[1]).unwrap());
    let broadcast = declared[2].then(|| states.broadcast::<u8, u32>(NAMES[2]).unwrap());
    let raw = declared[3].then(|| states.raw(NAMES[3]).unwrap());
    let store = seed.map(|seed| {
        let mut store = states.open().unwrap();
        if let Some(split) = split {
            split.add_all(&mut store, &[seed, 3]).unwrap();
        }
        if let Some(union) = union {
            union.add(&mut store, &seed).unwrap();
        }
        if let Some(broadcast) = broadcast {
            broadcast.put(&mut store, &1, &seed).unwrap();
        }
        if let Some(raw) = raw {
            raw.add(&mut store, &seed.to_be_bytes()).unwrap();
        }
        store
    });
    (states, store)
}

fn save(directory: &Path, keyed: &[KeyedStateBackend<u16, MemoryBackend>], own: &[OperatorStateStore]) -> Savepoint {
    let mut savepoint = Savepoint::create(directory).unwrap();
    for state in keyed {
        savepoint = savepoint.operator(state).unwrap();
    }
    for store in own {
        savepoint = savepoint.operator_state(store).unwrap();
    }
    savepoint.finish().unwrap()
}

fn stored(directory: &Path, program: &[Declared; 3]) -> Savepoint {
    let seeds = || UIDS.iter().zip(program).zip((1..).map(|number| number * 100));
    let keyed = seeds().map(|((uid, declared), seed)| keyed(uid, declared.0, Some(seed)).1.unwrap());
    let own = seeds().map(|((uid, declared), seed)| own(uid, declared.1, Some(seed + 50)).1.unwrap());
    save(directory, &keyed.collect::<Vec<_>>(), &own.collect::<Vec<_>>())
}

/// All rows, without the numbers of their states.
fn contents(savepoint: &Savepoint) -> Contents {
    let mut contents = Contents::new();
    for uid in UIDS {
        let keyed = savepoint.operator(uid).map(|_| (true, savepoint.rows(uid).unwrap()));
        let own = savepoint.operator_state(uid).map(|_| (false, savepoint.operator_state_rows(uid).unwrap()));
        for (keyed, mut rows) in keyed.into_iter().chain(own) {
            while let Some(row) = rows.next_row().unwrap() {
                let state = (uid.to_owned(), keyed, row.state.name().to_owned());
                let key = [&row.key_bytes[..2], &row.key_bytes[4..]].concat();
                contents.entry(state).or_default().push((key, row.value.to_vec()));
            }
        }
    }
    contents
}

fn options(named: &[Named], allow: bool) -> RestoreOptions {
    let options = if allow { RestoreOptions::new().allow_non_restored_state() } else { RestoreOptions::new() };
    named.iter().fold(options, |options, (verb, uid, name)| match verb {
        Verb::Drop => options.drop_state(*uid, *name),
        Verb::Reset => options.reset_state(*uid, *name),
        Verb::Retain => options.retain_state(*uid, *name),
    })
}

fn has(program: &[Declared; 3], uid: &str, keyed: bool, name: &str) -> bool {
    let index = UIDS.iter().position(|known| *known == uid).unwrap();
    let declared = if keyed { program[index].0 } else { program[index].1 };
    declared[NAMES.iter().position(|known| *known == name).unwrap()]
}

/// Whether the options name only what they may, and leave nothing without a place.
fn fits(before: &[Declared; 3], after: &[Declared; 3], named: &[Named], allow: bool) -> bool {
    let states = UIDS.iter().flat_map(|uid| NAMES.iter().map(move |name| (*uid, *name)));
    states.clone().all(|(uid, name)| {
        let says = |wanted: fn(&Verb) -> bool| named.iter().any(|(verb, u, n)| (*u, *n) == (uid, name) && wanted(verb));
        let [drop, reset] = [says(|verb| matches!(verb, Verb::Drop)), says(|verb| matches!(verb, Verb::Reset))];
        let (retain, any) = (says(|verb| matches!(verb, Verb::Retain)), says(|_| true));
        let both = has(before, uid, true, name) && has(before, uid, false, name);
        (!any || [true, false].iter().any(|keyed| has(before, uid, *keyed, name)))
            && [true, false].iter().filter(|keyed| has(before, uid, **keyed, name)).all(|keyed| {
                match has(after, uid, *keyed, name) {
                    true => !drop || both,
                    false => drop || retain || (allow && (!reset || both)),
                }
            })
    })
}

fn program() -> impl Strategy<Value = [Declared; 3]> {
    proptest::array::uniform3((any::<[bool; 4]>(), any::<[bool; 4]>()))
}

fn named() -> impl Strategy<Value = Vec<Named>> {
    let verb = select(&[Verb::Drop, Verb::Reset, Verb::Retain][..]);
    proptest::collection::vec((verb, select(&UIDS[..]), select(&NAMES[..])), 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// The new program declares about what the old one did, so that most restores succeed.
    #[test]
    fn a_restore_changes_only_states_that_are_named(
        before in program(),
        removed in proptest::collection::vec((0..3_usize, any::<bool>(), 0..4_usize), 0..4),
        agreed in any::<bool>(),
        named in named(),
        allow in proptest::bool::weighted(0.3),
    ) {
        let mut after = before;
        for (operator, keyed, name) in &removed {
            let declared = &mut after[*operator];
            (if *keyed { &mut declared.0 } else { &mut declared.1 })[*name] = false;
        }
        // Half of the time everything that is removed is dropped, so that nothing else stops the restore.
        let agreed = removed.iter().filter(|_| agreed).filter(|(operator, keyed, name)| {
            has(&before, UIDS[*operator], *keyed, NAMES[*name])
        });
        let agreed = agreed.map(|(operator, _, name)| (Verb::Drop, UIDS[*operator], NAMES[*name]));
        let named: Vec<Named> = named.into_iter().chain(agreed).collect();

        let folder = tempfile::tempdir().unwrap();
        let savepoint = stored(&folder.path().join("first"), &before);
        let stored = contents(&savepoint);
        let options = options(&named, allow);
        let operators: Vec<_> = UIDS.iter().zip(&after).map(|(uid, declared)| keyed(uid, declared.0, None).0).collect();
        let states: Vec<_> = UIDS.iter().zip(&after).map(|(uid, declared)| own(uid, declared.1, None).0).collect();
        let whole = operators.iter().fold(Program::new(), Program::operator);
        let whole = states.iter().fold(whole, Program::operator_state);
        let plan = whole.plan(&savepoint, &options);
        prop_assert_eq!(plan.is_ok(), fits(&before, &after, &named, allow), "{:?}", plan.err().map(|e| e.to_string()));
        let Ok(plan) = plan else { return Ok(()) };

        let options = whole.options(&options);
        let restore = |operator: &Operator<u16>| {
            operator.restore(&savepoint, MemoryBackend::new(), &options, &mut |_| ()).unwrap()
        };
        let restored: Vec<_> = operators.iter().map(restore).collect();
        let stores: Vec<_> = states.iter().map(|states| states.restore(&savepoint, &options).unwrap()).collect();
        let restored = contents(&save(&folder.path().join("second"), &restored, &stores));

        for ((uid, keyed, name), rows) in &stored {
            let says = |wanted: fn(&Verb) -> bool| {
                named.iter().any(|(verb, u, n)| u == uid && n == name && wanted(verb))
            };
            let declared = has(&after, uid, *keyed, name);
            let reset = declared && says(|verb| matches!(verb, Verb::Reset));
            let dropped = !declared && says(|verb| matches!(verb, Verb::Drop));
            let kept = if declared { !reset } else { !dropped && says(|verb| matches!(verb, Verb::Retain)) };
            let state = (uid.clone(), *keyed, name.clone());
            prop_assert_eq!(restored.get(&state), kept.then_some(rows), "{:?}", state);

            // What is lost is counted.
            let planned = plan.operators().iter().find(|planned| planned.uid() == uid && planned.is_keyed() == *keyed);
            let planned = planned.unwrap().states().iter().find(|planned| planned.name() == name).unwrap();
            let lost = if kept { 0 } else { rows.len() as u64 };
            prop_assert_eq!((planned.dropped_entries(), planned.dropped_bytes() > 0), (lost, lost > 0));
        }
    }
}

fn one(name: &str) -> (tempfile::TempDir, Savepoint) {
    let folder = tempfile::tempdir().unwrap();
    let mut operator = Operator::<u16>::new("flights").unwrap();
    let value = operator.value::<u32>(name).unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for key in 0..3 {
        state.set_current_key(&key).unwrap();
        value.update(&mut state, &1).unwrap();
    }
    let savepoint = save(&folder.path().join("first"), &[state], &[own("source", [true; 4], Some(1)).1.unwrap()]);
    (folder, savepoint)
}

#[test]
fn an_option_that_matches_nothing_names_the_nearest() {
    let (folder, savepoint) = one("totals");
    let mut operator = Operator::<u16>::new("flights").unwrap();
    operator.value::<u32>("totals").unwrap();
    let new = || RestoreOptions::new().with_operator_state("source");
    let cases = [
        new().drop_state("flight", "totals"),
        new().drop_state("flights", "total"),
        new().reset_state("flights", "window"),
        new().retain_state("alarms", "windows"),
        new().drop_operator("sources"),
        new().retain_operator("alarms"),
        // What is allowed to be lost does not make a misspelled name right.
        new().retain_operator("sauce").allow_non_restored_state(),
        new().drop_state("flights", "totals"),
    ];
    let messages = cases.map(|options| operator.plan(&savepoint, &options).unwrap_err().to_string());
    let messages = messages.join("\n----\n").replace(&folder.path().display().to_string(), "<folder>");
    insta::assert_snapshot!(messages);
    // A program reports each option once.
    let (source, _) = own("source", [true; 4], None);
    let program = Program::new().operator(&operator).operator_state(&source);
    let refused = program.plan(&savepoint, &new().drop_state("flight", "totals")).unwrap_err().to_string();
    assert_eq!(refused.matches("error[option-matches-nothing]").count(), 1, "{refused}");
}

#[test]
fn a_reset_state_starts_empty_and_its_loss_is_counted() {
    let (_folder, savepoint) = one("totals");
    let mut operator = Operator::<u16>::new("flights").unwrap();
    // Its type does not even fit.
    let totals = operator.value::<String>("totals").unwrap();
    let options = RestoreOptions::new().with_operator_state("source");
    operator.plan(&savepoint, &options).unwrap_err();
    let options = options.reset_state("flights", "totals");
    let plan = operator.plan(&savepoint, &options).unwrap();
    let [state] = plan.states() else { panic!("one state") };
    assert_eq!((state.verdict(), state.entries(), state.dropped_entries()), (StateVerdict::Reset, 3, 3));
    assert_eq!(state.dropped_bytes(), state.bytes());
    let [dry] = &plan.dry_run(&mut |_| ()).unwrap()[..] else { panic!("one state") };
    let dropped: Vec<_> = dry.dropped_data.iter().map(|data| (data.rule, data.path.as_str(), data.rows)).collect();
    assert_eq!((dropped, dry.new_bytes), (vec![("state-reset", "totals", 3)], 0));
    let shown = Program::new().operator(&operator).plan(&savepoint, &options).unwrap().to_string();
    assert!(shown.contains("3 rows, 36 bytes, all dropped"), "{shown}");
    let mut state = plan.run(MemoryBackend::new(), &mut |_| ()).unwrap();
    assert_eq!(state.keys().unwrap(), [0_u16; 0]);
    state.set_current_key(&1).unwrap();
    totals.update(&mut state, &"new".to_owned()).unwrap();
    assert_eq!(totals.get(&mut state).unwrap(), Some("new".to_owned()));
}
