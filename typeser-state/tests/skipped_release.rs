//! A program that skips a release restores what an earlier one stored, and counts what is dropped on the way to its
//! function.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "a test")]

use typeser::Serializer;
use typeser::resolve::Role;
use typeser_state::backend::MemoryBackend;
use typeser_state::keyed::Operator;
use typeser_state::processor::{MigrationPlan, ProcessOptions, Targets};
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::Savepoint;

mod first {
    #[derive(typeser::StateType)]
    pub struct Track {
        pub metres: u32,
        pub note: Option<String>,
    }
}

/// The second release stored this, still as version 1. The third release keeps it for its function.
#[derive(typeser::StateType)]
#[state(name = "Track", removed("note"))]
struct Track1 {
    metres: u64,
}

#[derive(typeser::StateType, Debug, PartialEq)]
#[state(version = 2, migrate(1 => feet))]
struct Track {
    feet: u64,
}

fn feet(old: Track1) -> Track {
    Track { feet: old.metres * 3 }
}

#[test]
fn rows_of_a_skipped_release_go_through_the_function_and_what_they_lose_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let mut operator = Operator::<u32>::new("tracks").unwrap();
    let track = operator.value::<first::Track>("track").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for key in 0..10u32 {
        state.set_current_key(&key).unwrap();
        let note = key.is_multiple_of(3).then(|| format!("note {key}"));
        track.update(&mut state, &first::Track { metres: key * 100, note }).unwrap();
    }
    let stored = Savepoint::create(folder.path().join("first")).unwrap().operator(&state).unwrap().finish().unwrap();

    let mut operator = Operator::<u32>::new("tracks").unwrap();
    let track = operator.value::<Track>("track").unwrap();
    let mut targets = Targets::new();
    targets.add_serializer("tracks", "track", Role::Value, &Serializer::<Track>::new().unwrap());
    let plan = MigrationPlan::new(&stored, &targets, &ProcessOptions::new()).unwrap();
    let forecast = plan.dry_run(&mut |_| ()).unwrap();
    let dropped = &forecast.states[0].dropped_data;
    let dropped: Vec<_> = dropped.iter().map(|data| (data.rule, data.path.as_str(), data.rows)).collect();
    assert_eq!(dropped, [("field-removed", "value.note", 4)]);

    let mut state = operator.restore(&stored, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).unwrap();
    for key in 0..10u32 {
        state.set_current_key(&key).unwrap();
        assert_eq!(track.get(&mut state).unwrap(), Some(Track { feet: u64::from(key) * 300 }));
    }
}
