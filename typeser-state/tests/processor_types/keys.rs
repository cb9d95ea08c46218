//! A key that is read or bootstrapped with the wrong type gets the same report as on a restore.

use std::path::Path;

use typeser::StateKey;
use typeser_state::backend::MemoryBackend;
use typeser_state::keyed::Operator;
use typeser_state::processor::{ProcessError, SavepointEdit};
use typeser_state::restore::{Problem, RestoreError, RestoreOptions};
use typeser_state::savepoint::Savepoint;

use crate::my_app::{options, steady};

fn declared<K: StateKey>() -> (Operator<K>, typeser_state::keyed::ValueState<u32>) {
    let mut operator = Operator::new("by-tail").unwrap();
    let count = operator.value("count").unwrap();
    (operator, count)
}

fn bootstrapped<K: StateKey>(path: &Path, key_of: impl Fn(&u32) -> K) -> Savepoint {
    let (operator, count) = declared::<K>();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    state.bootstrap(0..10, key_of, |number, state| Ok(count.update(state, &number)?)).unwrap();
    Savepoint::create(path).unwrap().operator(&state).unwrap().finish().unwrap()
}

/// The report of each way to get at the keys, as the wrong type.
fn reports<Wrong: StateKey>(savepoint: &Savepoint) -> Vec<String> {
    let (operator, count) = declared::<Wrong>();
    let mut reports = Vec::new();
    let mut note = |problems: &[Problem]| match problems {
        [Problem::Incompatible(report)] => reports.push(report.to_string()),
        other => panic!("{other:?}"),
    };
    // A restore: of what was bootstrapped with another type than the program has, and of what a job has left.
    let refused = |error: RestoreError| match error {
        RestoreError::Refused(refusal) => refusal,
        other => panic!("{other}"),
    };
    let error = operator.plan(savepoint, &RestoreOptions::new()).map(|_| ()).unwrap_err();
    note(refused(error).problems());
    // A restore into which more is bootstrapped.
    let error = operator.restore(savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).unwrap_err();
    note(refused(error).problems());
    // Reading.
    let read = |_: &Wrong, state: &mut _, out: &mut dyn FnMut(_)| {
        out(count.get(state)?);
        Ok(())
    };
    let error = operator.read(savepoint, &options(), read, |_| Ok(())).unwrap_err();
    match error {
        typeser_state::processor::ReadStateError::Restore(error) => note(refused(*error).problems()),
        other => panic!("{other}"),
    }
    // Modifying.
    let error = SavepointEdit::of(savepoint).modify(&operator, |_, _| Ok(())).plan(&options()).unwrap_err();
    let ProcessError::Edit(refused_edit) = error else { panic!("{error}") };
    let [problem] = refused_edit.problems() else { panic!("{refused_edit}") };
    match problem.modify() {
        Some(typeser_state::processor::ReadStateError::Restore(error)) => match &**error {
            RestoreError::Refused(refusal) => note(refusal.problems()),
            other => panic!("{other}"),
        },
        other => panic!("{other:?}"),
    }
    reports
}

#[test]
fn a_tuple_of_one_and_its_element_are_different_keys_in_every_report() {
    let folder = tempfile::tempdir().unwrap();
    let element = bootstrapped(&folder.path().join("element"), |number| format!("N{number}"));
    let tuple = bootstrapped(&folder.path().join("tuple"), |number| (format!("N{number}"),));
    for (savepoint, reports) in [(&element, reports::<(String,)>(&element)), (&tuple, reports::<String>(&tuple))] {
        assert_eq!(reports.len(), 4);
        assert!(reports.iter().all(|report| *report == reports[0]), "{savepoint:?}: {reports:#?}");
    }
    let texts = [&reports::<(String,)>(&element)[0], &reports::<String>(&tuple)[0]];
    insta::assert_snapshot!(steady(texts.map(String::as_str).join("\n\n"), folder.path()));
}

#[test]
fn the_right_type_is_read_and_gets_more() {
    let folder = tempfile::tempdir().unwrap();
    let tuple = bootstrapped(&folder.path().join("tuple"), |number| (format!("N{number}"),));
    let (operator, count) = declared::<(String,)>();
    let mut state = operator.restore(&tuple, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).unwrap();
    let add = |number: u32, state: &mut _| {
        let before = count.get(state)?.unwrap_or_default();
        Ok(count.update(state, &(before + number))?)
    };
    state.bootstrap(5..15, |number| (format!("N{number}"),), add).unwrap();
    let edit = SavepointEdit::of(&tuple).remove_keyed_state("by-tail").add_keyed_state(&state);
    let more = edit.write(folder.path().join("more"), &options(), &mut |_| ()).unwrap();
    let read = |key: &(String,), state: &mut _, out: &mut dyn FnMut(_)| {
        out((key.0.clone(), count.get(state)?.unwrap()));
        Ok(())
    };
    let mut all = operator.read_all(&more, &options(), read).unwrap();
    all.sort_unstable();
    let expected = |number: u32| number * if (5..10).contains(&number) { 2 } else { 1 };
    let mut wanted: Vec<_> = (0..15).map(|number| (format!("N{number}"), expected(number))).collect();
    wanted.sort_unstable();
    assert_eq!(all, wanted);
}
