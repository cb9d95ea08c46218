//! What several tests of the state processor need: two releases of one program, and folders as plain bytes.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, missing_docs, reason = "for tests, none of which needs all")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use typeser_state::backend::MemoryBackend;
use typeser_state::key_group::{KeyGroupRange, MaxParallelism};
use typeser_state::keyed::{KeyedStateBackend, Operator};
use typeser_state::savepoint::Savepoint;

/// The first release.
pub mod one {
    use typeser::StateType;

    #[derive(StateType, Debug, Clone, PartialEq, Eq, Hash)]
    #[state(key)]
    pub struct Aircraft {
        pub tail: String,
        pub year: u16,
    }

    #[derive(StateType, Debug, Clone, PartialEq)]
    pub struct Totals {
        pub departures: u32,
        pub delay: i32,
        pub punctuality: Punctuality,
        pub note: String,
    }

    #[derive(StateType, Debug, Clone, PartialEq)]
    pub enum Punctuality {
        OnTime,
        Late { minutes: u16 },
        Lost,
    }

    #[derive(StateType, Debug, Clone, PartialEq, Eq, Hash)]
    #[state(key)]
    pub struct Route {
        pub legs: u8,
        pub number: u16,
    }
}

/// The second release: the same in another order.
pub mod two {
    use typeser::StateType;

    #[derive(StateType, Debug, Clone, PartialEq, Eq, Hash)]
    #[state(key)]
    pub struct Aircraft {
        pub year: u16,
        pub tail: String,
    }

    #[derive(StateType, Debug, Clone, PartialEq)]
    pub struct Totals {
        pub note: String,
        pub punctuality: Punctuality,
        pub departures: u32,
        pub delay: i32,
    }

    #[derive(StateType, Debug, Clone, PartialEq)]
    pub enum Punctuality {
        Lost,
        Late { minutes: u16 },
        OnTime,
    }
}

/// The third release: wider, renamed, added, removed; routes begin with another field, so their order changes.
pub mod three {
    use typeser::StateType;

    #[derive(StateType, Debug, Clone, PartialEq, Eq, Hash)]
    #[state(key)]
    pub struct Aircraft {
        pub year: u32,
        pub tail: String,
    }

    #[derive(StateType, Debug, Clone, PartialEq)]
    #[state(removed("note"))]
    pub struct Totals {
        #[state(alias = "departures")]
        pub flights: u64,
        pub punctuality: Punctuality,
        pub delay: i64,
        #[state(default = 7)]
        pub airports: u8,
    }

    #[derive(StateType, Debug, Clone, PartialEq)]
    #[state(removed("Lost", becomes = Punctuality::OnTime))]
    pub enum Punctuality {
        OnTime,
        Late { minutes: u16 },
    }

    #[derive(StateType, Debug, Clone, PartialEq, Eq, Hash)]
    #[state(key)]
    pub struct Route {
        pub number: u32,
        pub legs: u8,
    }
}

pub const UID: &str = "flights";

/// What is known of one aircraft.
#[derive(Debug, Clone)]
pub struct Known {
    pub key: one::Aircraft,
    pub totals: Option<one::Totals>,
    pub recent: Vec<i16>,
    pub routes: Vec<(one::Route, u32)>,
}

/// So many aircraft, all different.
pub fn many(count: u32) -> Vec<Known> {
    let aircraft = |number: u32| Known {
        key: one::Aircraft { tail: format!("N{number}"), year: 1990 + (number % 30) as u16 },
        totals: (number % 5 != 4).then(|| one::Totals {
            departures: number,
            delay: number as i32 - 50,
            punctuality: match number % 3 {
                0 => one::Punctuality::OnTime,
                1 => one::Punctuality::Late { minutes: number as u16 },
                _ => one::Punctuality::Lost,
            },
            note: "n".repeat(number as usize % 4),
        }),
        recent: (0..(number % 4) as i16).map(|delay| delay - 2).collect(),
        routes: (0..number % 3).map(|leg| (one::Route { legs: leg as u8, number: (600 - leg) as u16 }, leg)).collect(),
    };
    (0..count).map(aircraft).collect()
}

/// One instance with all of its states.
pub fn instance(known: &[Known], parallelism: u32, number: u32) -> KeyedStateBackend<one::Aircraft, MemoryBackend> {
    let range = KeyGroupRange::of_instance(MaxParallelism::DEFAULT, parallelism, number).unwrap();
    let mut operator = Operator::<one::Aircraft>::new(UID).unwrap().with_key_groups(range).unwrap();
    let totals = operator.value::<one::Totals>("totals").unwrap();
    let recent = operator.list::<i16>("recent").unwrap();
    let routes = operator.map::<one::Route, u32>("routes").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for known in known {
        if state.set_current_key(&known.key).is_err() {
            continue;
        }
        if let Some(value) = &known.totals {
            totals.update(&mut state, value).unwrap();
        }
        recent.add_all(&mut state, &known.recent).unwrap();
        for (route, count) in &known.routes {
            routes.put(&mut state, route, count).unwrap();
        }
    }
    state
}

/// A savepoint of all instances, and a second operator.
pub fn write(path: &Path, known: &[Known], parallelism: u32) -> Savepoint {
    let mut writer = Savepoint::create(path).unwrap();
    for number in 0..parallelism {
        writer = writer.operator(&instance(known, parallelism, number)).unwrap();
    }
    let mut operator = Operator::<u64>::new("untouched").unwrap();
    let value = operator.value::<String>("value").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for key in 0..10 {
        state.set_current_key(&key).unwrap();
        value.update(&mut state, &format!("value {key}")).unwrap();
    }
    writer.operator(&state).unwrap().finish().unwrap()
}

/// The files of a folder.
pub fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    files.map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap())).collect()
}

/// The names in a folder.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A message without the path of the temporary directory.
pub fn steady(error: impl std::fmt::Display, folder: &Path) -> String {
    error.to_string().replace(&folder.display().to_string(), "<folder>")
}
