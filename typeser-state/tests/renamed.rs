//! A state or an operator whose name changed in the program: the refusal names the edit that renames what is stored.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::path::Path;

use typeser_state::backend::MemoryBackend;
use typeser_state::keyed::{Operator, ValueState};
use typeser_state::processor::{ProcessOptions, SavepointEdit};
use typeser_state::restore::{Program, RestoreOptions};
use typeser_state::savepoint::Savepoint;

/// An operator with a value state of `u64`, and a list state of `u32`.
fn operator(uid: &str, value: &str) -> (Operator<u32>, ValueState<u64>) {
    let mut operator = Operator::new(uid).unwrap();
    let value = operator.value(value).unwrap();
    operator.list::<u32>("recent").unwrap();
    (operator, value)
}

fn stored(folder: &Path) -> Savepoint {
    let (operator, total) = operator("s", "total");
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    state.set_current_key(&7).unwrap();
    total.update(&mut state, &42).unwrap();
    Savepoint::create(folder.join("old")).unwrap().operator(&state).unwrap().finish().unwrap()
}

fn restored(operator: &Operator<u32>, value: ValueState<u64>, savepoint: &Savepoint) -> Option<u64> {
    let mut state = operator.restore(savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).unwrap();
    state.set_current_key(&7).unwrap();
    value.get(&mut state).unwrap()
}

#[test]
fn a_renamed_state_is_refused_with_the_edit_that_renames_it() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = stored(folder.path());
    let (mut renamed, sum) = operator("s", "sum");
    // Neither of another kind, nor of another type.
    renamed.list::<u64>("list").unwrap();
    renamed.value::<u32>("small").unwrap();
    let refused = renamed.plan(&savepoint, &RestoreOptions::new()).err().unwrap().to_string();
    insta::assert_snapshot!(refused.replace(&folder.path().display().to_string(), "[DIR]"));

    let edit = SavepointEdit::of(&savepoint).rename_state("s", "total", "sum");
    let edited = edit.plan(&ProcessOptions::new()).unwrap().run(folder.path().join("new"), &mut |_| ()).unwrap();
    assert_eq!(restored(&renamed, sum, &edited), Some(42));
}

#[test]
fn an_operator_with_another_uid_is_refused_with_the_edit_that_renames_it() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = stored(folder.path());
    let (renamed, total) = operator("s2", "total");
    let refused = Program::new().operator(&renamed).plan(&savepoint, &RestoreOptions::new()).err().unwrap().to_string();
    insta::assert_snapshot!(refused.replace(&folder.path().display().to_string(), "[DIR]"));

    let edit = SavepointEdit::of(&savepoint).rename_operator("s", "s2");
    let edited = edit.plan(&ProcessOptions::new()).unwrap().run(folder.path().join("new"), &mut |_| ()).unwrap();
    assert_eq!(restored(&renamed, total, &edited), Some(42));
}
