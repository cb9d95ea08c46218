//! New savepoints that are based on others.

use std::fs;
use std::path::Path;

use typeser::resolve::Role;
use typeser::{Serializer, StateType};
use typeser_state::backend::MemoryBackend;
use typeser_state::key_group::{KeyGroupRange, MaxParallelism};
use typeser_state::keyed::Operator;
use typeser_state::operator::OperatorStates;
use typeser_state::processor::{Query, SavepointEdit, Targets};
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::Savepoint;

use crate::my_app::{Known, Totals, all_known, bytes, known, options, proc_of, read, reader_of, src, tail, write};

fn written(edit: SavepointEdit<'_>, path: impl AsRef<Path>) -> Savepoint {
    let written = edit.write(path, &options(), &mut |_| ()).unwrap();
    written.verify().unwrap();
    assert_eq!(written.operators(), Savepoint::open(written.path()).unwrap().operators());
    written
}

/// The uids of operators with keyed state, and of those with state of their own.
fn uids(savepoint: &Savepoint) -> (Vec<&str>, Vec<&str>) {
    let keyed = savepoint.operators().iter().map(|operator| operator.meta().uid()).collect();
    (keyed, savepoint.operator_states().iter().map(|operator| operator.uid()).collect())
}

fn read_offsets(savepoint: &Savepoint) -> Vec<u64> {
    let app = src(1, 0);
    let mut store = app.states.read(savepoint, &options()).unwrap();
    app.offsets.get(&mut store).unwrap().into_iter().map(|(_, offset)| offset).collect()
}

/// A second operator, with the same keys.
fn other() -> (Operator<String>, typeser_state::keyed::KeyedStateBackend<String, MemoryBackend>) {
    let mut operator = Operator::<String>::new("other").unwrap();
    let gate = operator.map::<u8, String>("gates").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    let keys = |number: &u32| tail(*number);
    state.bootstrap(100..500u32, keys, |number, state| Ok(gate.put(state, &7, &format!("G{number}"))?)).unwrap();
    (operator, state)
}

#[test]
fn what_is_not_named_is_taken_over_byte_by_byte_and_outlives_its_base() {
    let folder = tempfile::tempdir().unwrap();
    for hard_links in [false, true] {
        let base = write(&folder.path().join(format!("base {hard_links}")), 3);
        let before = bytes(base.path());
        let (_, state) = other();
        let options = if hard_links { options().with_hard_links() } else { options() };
        let edit = SavepointEdit::of(&base).add_keyed_state(&state);
        let new = edit.write(folder.path().join(format!("new {hard_links}")), &options, &mut |_| ()).unwrap();
        let taken = bytes(new.path());
        for (name, content) in before.iter().filter(|(name, _)| name.ends_with(".rows")) {
            assert_eq!(taken.get(name), Some(content), "{name}");
        }
        assert_eq!(taken.len(), before.len() + 1);
        assert_eq!(bytes(base.path()), before, "the base is only read");
        if !hard_links {
            // The base may be changed, ...
            for name in before.keys() {
                let file = fs::OpenOptions::new().write(true).open(base.path().join(name)).unwrap();
                file.set_len(10).unwrap();
            }
        }
        // ... or deleted.
        fs::remove_dir_all(base.path()).unwrap();
        new.verify().unwrap();
        assert_eq!(read(&new, &reader_of(1_000)), all_known());
        assert_eq!(read_offsets(&new), [0, 1, 2, 3, 4, 5]);
    }
}

#[test]
fn operators_are_added_removed_and_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let base = write(&folder.path().join("base"), 2);
    let (operator, state) = other();
    let added = written(SavepointEdit::of(&base).add_keyed_state(&state), folder.path().join("added"));
    assert_eq!(uids(&added), (vec!["proc", "other"], vec!["src"]));
    // An operator is its keyed state and its operator state.
    let mut own = OperatorStates::new("other").unwrap();
    own.split_list::<u8>("x").unwrap();
    let own = own.open().unwrap();
    let twofold = written(SavepointEdit::of(&added).add_operator_state(&own), folder.path().join("twofold"));
    assert_eq!(uids(&twofold), (vec!["proc", "other"], vec!["src", "other"]));
    let without = written(SavepointEdit::of(&twofold).remove_operator("other"), folder.path().join("without"));
    assert_eq!(uids(&without), (vec!["proc"], vec!["src"]));
    let removed = written(SavepointEdit::of(&added).remove_operator("proc"), folder.path().join("removed"));
    assert_eq!(uids(&removed), (vec!["other"], vec!["src"]));
    let restored = operator.restore(
        &removed,
        MemoryBackend::new(),
        &RestoreOptions::new().with_operator_state("src"),
        &mut |_| (),
    );
    assert_eq!(restored.unwrap().keys().unwrap().len(), 400);
    let removed = written(SavepointEdit::of(&removed).remove_operator("src"), folder.path().join("both"));
    assert_eq!(uids(&removed), (vec!["other"], vec![]));

    // Replaced: another one of the same uid, with keyed state and operator state.
    let app = proc_of::<String>(0);
    let mut state = app.operator.open(MemoryBackend::new()).unwrap();
    state.bootstrap([1u32], |number| tail(*number), |_, state| Ok(app.worst.add(state, 5)?)).unwrap();
    let mut states = OperatorStates::new("src").unwrap();
    let offsets = states.split_list::<(String, u64)>("offsets").unwrap();
    let mut store = states.open().unwrap();
    offsets.add(&mut store, &("only".to_owned(), 77)).unwrap();
    let edit = SavepointEdit::of(&base).remove_operator("proc").add_keyed_state(&state);
    let edit = edit.remove_operator_state("src").add_operator_state(&store);
    let replaced = written(edit, folder.path().join("replaced"));
    assert_eq!(read(&replaced, &app), [Known { key: tail(1), worst: Some(5), ..Known::default() }]);
    let mut store = states.read(&replaced, &options()).unwrap();
    assert_eq!(offsets.get(&mut store).unwrap(), [("only".to_owned(), 77)]);
}

#[test]
fn an_operator_gets_another_uid_and_its_blocks_stay_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let base = write(&folder.path().join("base"), 3);
    let edit = SavepointEdit::of(&base).rename_operator("proc", "a much longer uid").rename_operator("src", "s");
    let renamed = written(edit, folder.path().join("renamed"));
    assert_eq!(uids(&renamed), (vec!["a much longer uid"], vec!["s"]));
    let difference = "a much longer uid".len() - "proc".len();
    for (was, is) in base.operators()[0].files().iter().zip(renamed.operators()[0].files()) {
        let (was, is) = (fs::read(base.path().join(was.name())), fs::read(renamed.path().join(is.name())));
        let (was, is) = (was.unwrap(), is.unwrap());
        let blocks = was.len() - 60;
        assert_eq!(is.len(), was.len() + difference);
        assert_eq!(was[was.len() - blocks..], is[is.len() - blocks..]);
    }
    let back = SavepointEdit::of(&renamed).rename_operator("a much longer uid", "proc").rename_operator("s", "src");
    let back = written(back, folder.path().join("back"));
    assert_eq!(back.operators(), base.operators());
    assert_eq!(read(&back, &reader_of(1_000)), all_known());
}

#[test]
fn another_max_parallelism_moves_every_row_to_where_its_key_belongs() {
    let folder = tempfile::tempdir().unwrap();
    // Raw keyed state belongs to key groups, so it is left out.
    let base = write(&folder.path().join("base"), 3);
    for groups in [1, 2, 500] {
        let groups = MaxParallelism::new(groups).unwrap();
        let edit = SavepointEdit::of(&base).remove_state("proc", "raw").with_max_parallelism("proc", groups);
        // Little memory, so that rows are sorted in files.
        let small = options().with_memory(4096);
        let path = folder.path().join(groups.to_string());
        let new = edit.write(&path, &small, &mut |_| ()).unwrap();
        new.verify().unwrap();
        assert_eq!(new.operator("proc").unwrap().meta().max_parallelism(), groups);
        assert_eq!(new.operator("proc").unwrap().files().len(), usize::from(groups.groups().min(3)));
        assert_eq!(read(&new, &reader_of(1_000)), all_known());
    }

    // A part cannot: rows would go to key groups that it does not have.
    let half = KeyGroupRange::of_instance(MaxParallelism::DEFAULT, 2, 0).unwrap();
    let mut operator = Operator::<u32>::new("half").unwrap().with_key_groups(half).unwrap();
    operator.value::<u8>("x").unwrap();
    let writer = Savepoint::create(folder.path().join("half")).unwrap().allow_missing_key_groups();
    let half = writer.operator(&operator.open(MemoryBackend::new()).unwrap()).unwrap().finish().unwrap();
    let edit = SavepointEdit::of(&half).with_max_parallelism("half", MaxParallelism::new(64).unwrap());
    let error = edit.plan(&options()).unwrap_err().to_string();
    assert!(error.contains("would move between all key groups, and the savepoint lacks 64..=127"), "{error}");
}

fn minutes_late(delay: i32) -> u16 {
    delay.max(0) as u16
}

#[test]
fn states_are_removed_renamed_and_migrated_with_the_functions_of_the_program() {
    #[derive(StateType, Debug, PartialEq)]
    struct Late {
        departures: u32,
        #[state(convert(i32, with = minutes_late))]
        delay: u16,
    }
    let folder = tempfile::tempdir().unwrap();
    let base = write(&folder.path().join("base"), 2);
    let mut targets = Targets::new();
    targets.add_serializer("proc", "totals", Role::Value, &Serializer::<Late>::new().unwrap());
    let edit = SavepointEdit::of(&base)
        .remove_state("proc", "airports")
        .rename_state("proc", "totals", "late")
        .rename_operator("proc", "by-tail");
    // The layout has the name `Totals` in the savepoint.
    let refused = edit.migrate(&targets).plan(&options()).unwrap_err();
    assert!(refused.to_string().contains("Late"), "{refused}");

    mod renamed {
        use typeser::StateType;
        #[derive(StateType, Debug, PartialEq)]
        pub struct Totals {
            pub departures: u32,
            #[state(convert(i32, with = super::minutes_late))]
            pub delay: u16,
        }
    }
    let mut targets = Targets::new();
    targets.add_serializer("proc", "totals", Role::Value, &Serializer::<renamed::Totals>::new().unwrap());
    let edit = SavepointEdit::of(&base)
        .remove_state("proc", "airports")
        .rename_state("proc", "totals", "late")
        .rename_operator("proc", "by-tail")
        .migrate(&targets);
    let new = written(edit, folder.path().join("new"));
    let meta = new.operator("by-tail").unwrap().meta();
    assert!(meta.state("airports").is_none() && meta.state("totals").is_none());
    let mut operator = Operator::<String>::new("by-tail").unwrap();
    let late = operator.value::<renamed::Totals>("late").unwrap();
    let mut all = 0;
    let function = |key: &String, state: &mut _, out: &mut dyn FnMut(_)| {
        out((key.clone(), late.get(state)?));
        Ok(())
    };
    let visit = |(key, totals): (String, Option<renamed::Totals>)| {
        let was = known(key[1..].parse().unwrap());
        let expected = was.totals.map(|was| (was.departures, minutes_late(was.delay)));
        assert_eq!(totals.map(|totals| (totals.departures, totals.delay)), expected);
        all += 1;
        Ok(())
    };
    operator.read(&new, &options(), function, visit).unwrap();
    assert_eq!(all, 300);
}

#[test]
fn keyed_operators_are_split_and_merged() {
    let folder = tempfile::tempdir().unwrap();
    let base = write(&folder.path().join("base"), 2);
    let (_, state) = other();
    let base = written(SavepointEdit::of(&base).add_keyed_state(&state), folder.path().join("two"));
    // Two states go to an operator of their own, one to an operator that is there.
    let edit = SavepointEdit::of(&base)
        .move_state("proc", "totals", "totals-only")
        .move_state("proc", "checks", "totals-only")
        .move_state("proc", "recent", "other");
    let split = written(edit, folder.path().join("split"));
    assert_eq!(uids(&split), (vec!["proc", "other", "totals-only"], vec!["src"]));
    let states = |uid: &str| {
        let states = split.operator(uid).unwrap().meta().states().iter();
        states.map(|state| state.name().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(states("totals-only"), ["totals", "checks"]);
    assert_eq!(states("other"), ["gates", "recent"]);
    let mut operator = Operator::<String>::new("other").unwrap();
    let gates = operator.map::<u8, String>("gates").unwrap();
    let recent = operator.list::<i16>("recent").unwrap();
    let mut found = 0;
    let function = |key: &String, state: &mut _, out: &mut dyn FnMut(_)| {
        out((key.clone(), gates.get(state, &7)?, recent.get(state)?));
        Ok(())
    };
    let visit = |(key, gate, recent): (String, Option<String>, Vec<i16>)| {
        let number: u32 = key[1..].parse().unwrap();
        assert_eq!(gate, (number >= 100).then(|| format!("G{number}")));
        assert_eq!(recent, if number < 400 { known(number).recent } else { Vec::new() });
        found += 1;
        Ok(())
    };
    operator.read(&split, &options(), function, visit).unwrap();
    assert!(found >= 400, "{found}");

    // And back again.
    let edit = SavepointEdit::of(&split)
        .move_state("other", "recent", "proc")
        .move_state("totals-only", "totals", "proc")
        .move_state("totals-only", "checks", "proc")
        .remove_operator("totals-only");
    let merged = written(edit, folder.path().join("merged"));
    assert_eq!(uids(&merged), (vec!["proc", "other"], vec!["src"]));
    assert_eq!(read(&merged, &reader_of(1_000)), all_known());
}

#[test]
fn a_state_from_another_max_parallelism_moves_to_the_key_groups_of_the_operator_that_gets_it() {
    let folder = tempfile::tempdir().unwrap();
    let many = MaxParallelism::new(512).unwrap();
    let counted = |uid: &str, name: &str, groups, plus: u32| {
        let mut operator = Operator::<u32>::new(uid).unwrap().with_max_parallelism(groups).unwrap();
        let value = operator.value::<u32>(name).unwrap();
        let mut state = operator.open(MemoryBackend::new()).unwrap();
        state.bootstrap(0..100, |key| *key, |key, state| Ok(value.update(state, &(key + plus))?)).unwrap();
        state
    };
    let writer = Savepoint::create(folder.path().join("base")).unwrap();
    let writer = writer.operator(&counted("few", "x", MaxParallelism::DEFAULT, 0)).unwrap();
    let base = writer.operator(&counted("many", "y", many, 1)).unwrap().finish().unwrap();
    for (name, from, to, groups) in [("y", "many", "few", MaxParallelism::DEFAULT), ("x", "few", "many", many)] {
        let merged = SavepointEdit::of(&base).move_state(from, name, to).remove_operator(from);
        let merged = written(merged, folder.path().join(to));
        let mut operator = Operator::<u32>::new(to).unwrap().with_max_parallelism(groups).unwrap();
        let (x, y) = (operator.value::<u32>("x").unwrap(), operator.value::<u32>("y").unwrap());
        let mut state = operator.restore(&merged, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).unwrap();
        for key in 0..100 {
            state.set_current_key(&key).unwrap();
            assert_eq!((x.get(&mut state).unwrap(), y.get(&mut state).unwrap()), (Some(key), Some(key + 1)), "{to}");
        }
    }

    // Bytes that only the program understands cannot move: no one else knows which keys they contain.
    let mut operator = Operator::<u32>::new("raw").unwrap();
    let raw = operator.raw("bytes").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    raw.put(&mut state, 100, &[1, 2, 3]).unwrap();
    let base = written(SavepointEdit::of(&base).add_keyed_state(&state), folder.path().join("raw"));
    let same = SavepointEdit::of(&base).move_state("raw", "bytes", "few");
    written(same, folder.path().join("same"));
    let error = SavepointEdit::of(&base).move_state("raw", "bytes", "many").plan(&options()).unwrap_err().to_string();
    assert!(error.contains("rows of operator `raw` would move, and the raw keyed state `bytes` could not"), "{error}");
}

#[test]
fn the_state_of_operators_themselves_is_split_and_merged() {
    let folder = tempfile::tempdir().unwrap();
    let base = write(&folder.path().join("base"), 1);
    // A whole state goes without being read ...
    let split = SavepointEdit::of(&base).move_state("src", "offsets", "reader");
    let split = written(split, folder.path().join("split"));
    assert_eq!(uids(&split), (vec!["proc"], vec!["src", "reader"]));
    let merged = SavepointEdit::of(&split).move_state("reader", "offsets", "src").remove_operator_state("reader");
    let merged = written(merged, folder.path().join("merged"));
    assert_eq!(read_offsets(&merged), [0, 1, 2, 3, 4, 5]);

    // ... and the elements of one list go to two by their types, and back.
    let app = src(1, 0);
    let mut all = app.states.read(&base, &options()).unwrap();
    let offsets = app.offsets.get(&mut all).unwrap();
    let half = |uid: &str, odd: bool| {
        let mut states = OperatorStates::new(uid).unwrap();
        let list = states.split_list::<(String, u64)>("offsets").unwrap();
        let mut store = states.open().unwrap();
        let elements = offsets.iter().filter(|(_, offset)| (offset % 2 == 1) == odd);
        store.bootstrap(elements, |element, store| Ok(list.add(store, element)?)).unwrap();
        (states, list, store)
    };
    let (even, odd) = (half("even", false), half("odd", true));
    let edit = SavepointEdit::of(&base).remove_state("src", "offsets");
    let edit = edit.add_operator_state(&even.2).add_operator_state(&odd.2);
    let split = written(edit, folder.path().join("by element"));
    assert_eq!(uids(&split), (vec!["proc"], vec!["src", "even", "odd"]));
    let numbers = |(states, list, _): &(OperatorStates, typeser_state::operator::SplitList<_>, _)| {
        let mut store = states.read(&split, &options()).unwrap();
        list.get(&mut store).unwrap().into_iter().map(|(_, offset)| offset).collect::<Vec<u64>>()
    };
    assert_eq!((numbers(&even), numbers(&odd)), (vec![0, 2, 4], vec![1, 3, 5]));
}

#[test]
fn a_function_changes_what_it_declares_and_leaves_the_rest_alone() {
    let folder = tempfile::tempdir().unwrap();
    let base = write(&folder.path().join("base"), 3);
    // Another type for one state, a new state, timers, and keys that lose what is declared of them.
    mod wide {
        #[derive(typeser::StateType, Debug, Clone, PartialEq)]
        pub struct Totals {
            pub departures: u64,
            pub delay: i64,
        }
    }
    let mut operator = Operator::<String>::new("proc").unwrap();
    let totals = operator.value::<wide::Totals>("totals").unwrap();
    let checks = operator.timers::<()>("checks").unwrap();
    let late = operator.value::<bool>("late").unwrap();
    let function = |key: &String, state: &mut typeser_state::keyed::KeyedStateBackend<String, MemoryBackend>| {
        use typeser_state::timer::TimeDomain::EventTime;
        if let Some(mut value) = totals.get(state)? {
            late.update(state, &(value.delay > 0))?;
            value.delay = value.delay.max(0);
            if value.departures % 10 == 0 { totals.clear(state)? } else { totals.update(state, &value)? }
        }
        let number: i64 = key[1..].parse()?;
        checks.delete(state, EventTime, 1_000 + number)?;
        if number < 10 {
            checks.register(state, EventTime, number)?;
        }
        Ok(())
    };
    let edit = SavepointEdit::of(&base).modify(&operator, function).rename_operator("proc", "repaired");
    let plan = edit.plan(&options()).unwrap();
    let forecast = plan.dry_run(&mut |_| ()).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "a dry run writes nothing");
    let new = plan.run(folder.path().join("new"), &mut |_| ()).unwrap();
    new.verify().unwrap();
    let own = forecast.states.iter().filter(|state| state.operator == "repaired");
    let reported: Vec<(&str, u64)> = own.map(|state| (state.state.as_str(), state.new_bytes)).collect();
    let operator = new.operator("repaired").unwrap();
    let all = KeyGroupRange::all(MaxParallelism::DEFAULT);
    let states = operator.meta().states().iter();
    let found: Vec<(&str, u64)> = states.map(|state| (state.name(), operator.size_of(state.id(), all).bytes)).collect();
    assert_eq!(reported, found);
    let renamed = SavepointEdit::of(&new).rename_operator("repaired", "proc").remove_state("repaired", "totals");
    let untouched = written(renamed, folder.path().join("untouched"));
    // All that the function did not declare, `totals` and `checks` aside, is what it was.
    let mut narrow = Operator::<String>::new("proc").unwrap();
    let worst = narrow.reducing::<i32>("worst", Ord::max).unwrap();
    let recent = narrow.list::<i16>("recent").unwrap();
    let late = narrow.value::<bool>("late").unwrap();
    let checks = narrow.timers::<()>("checks").unwrap();
    let mut count = 0;
    let function = |key: &String, state: &mut _, out: &mut dyn FnMut(_)| {
        let times = checks.registered(state, typeser_state::timer::TimeDomain::EventTime)?;
        out((key.clone(), worst.get(state)?, recent.get(state)?, late.get(state)?, times));
        Ok(())
    };
    let visit = |(key, worst, recent, late, checks): (String, Option<i32>, Vec<i16>, Option<bool>, Vec<i64>)| {
        let number: u32 = key[1..].parse().unwrap();
        let was = known(number);
        assert_eq!((worst, recent), (was.worst, was.recent));
        assert_eq!(late, was.totals.map(|totals: Totals| totals.delay > 0));
        assert_eq!(checks, if number < 10 { vec![i64::from(number)] } else { Vec::new() });
        count += 1;
        Ok(())
    };
    narrow.read(&untouched, &options(), function, visit).unwrap();
    // Keys that only had a timer are gone with it, but for the first ten.
    assert_eq!(count, 302);
    let raw = Query::new().operator("proc").state("raw").run(&untouched).unwrap().count();
    assert_eq!(raw, 128);
}

#[test]
fn an_edit_from_savepoints_of_the_first_version_is_of_the_current_one() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden/savepoint/v1/orders");
    let base = Savepoint::open(golden).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let uid = base.operators()[0].meta().uid().to_owned();
    let taken = written(SavepointEdit::of(&base), folder.path().join("taken"));
    assert_eq!(taken.operators(), base.operators());
    let renamed = SavepointEdit::of(&base).rename_operator(uid, "renamed");
    let renamed = written(renamed, folder.path().join("renamed"));
    let rows = |savepoint: &Savepoint, uid: &str| {
        let mut all = Vec::new();
        let mut rows = savepoint.rows(uid).unwrap();
        while let Some(row) = rows.next_row().unwrap() {
            all.push((row.key_bytes.to_vec(), row.value.to_vec()));
        }
        all
    };
    assert_eq!(rows(&renamed, "renamed"), rows(&base, base.operators()[0].meta().uid()));
}

#[test]
fn a_function_that_changes_nothing_leaves_every_byte() {
    let folder = tempfile::tempdir().unwrap();
    let base = write(&folder.path().join("base"), 3);
    // One state in the middle of the others: rows that are not declared stand before, between and behind.
    let mut operator = Operator::<String>::new("proc").unwrap();
    operator.map::<String, u32>("airports").unwrap();
    let same = written(SavepointEdit::of(&base).modify(&operator, |_, _| Ok(())), folder.path().join("same"));
    let rows = |savepoint: &Savepoint| {
        let files = bytes(savepoint.path());
        files.into_iter().filter(|(name, _)| name.ends_with(".rows")).collect::<Vec<_>>()
    };
    assert_eq!(rows(&same), rows(&base));
}
