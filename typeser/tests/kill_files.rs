//! A file is whole after `kill -9` at any moment of a save: it holds the value before, or the one after.
//!
//! Each round starts this program again as a child, which saves until it is killed. Rounds are 20, or as many as
//! `TYPESER_KILLS` says; `TYPESER_KILL_SEED` repeats a run.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs, unreachable_pub, reason = "a test")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use typeser::file::{self, FileOptions};

mod old {
    #[derive(typeser::StateType)]
    pub struct Numbers {
        pub all: Vec<u32>,
    }
}

mod new {
    #[derive(typeser::StateType, Debug)]
    pub struct Numbers {
        #[state(default = 0)]
        pub saves: u64,
        pub all: Vec<u64>,
    }
}

const FILE: &str = "TYPESER_KILL_FILE";
const COUNT: u32 = 100_000;

/// What the child does; nothing when it is run with the other tests.
#[test]
fn child() {
    let Some(path) = std::env::var_os(FILE).map(PathBuf::from) else { return };
    let mut say = std::io::stdout();
    writeln!(say, "begun").unwrap();
    let mut numbers: new::Numbers = file::load(&path).unwrap();
    loop {
        numbers.saves += 1;
        numbers.all.iter_mut().for_each(|number| *number += 1);
        file::save(&path, &numbers).unwrap();
        writeln!(say, "saved {}", numbers.saves).unwrap();
    }
}

#[test]
fn a_killed_save_leaves_the_old_value_or_the_new_one() {
    let rounds: u32 = std::env::var("TYPESER_KILLS").map_or(20, |rounds| rounds.parse().unwrap());
    let clock = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
    let mut seed: u64 = std::env::var("TYPESER_KILL_SEED").map_or(clock, |seed| seed.parse().unwrap());
    eprintln!("TYPESER_KILL_SEED={seed}");
    let (mut old, mut same, mut next) = (0, 0, 0);
    for _ in 0..rounds {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("numbers");
        FileOptions::new().release("1.0.0").save(&path, &old::Numbers { all: (0..COUNT).collect() }).unwrap();
        let first = std::fs::read(&path).unwrap();
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let saved = killed(&path, Duration::from_micros((seed >> 33) % 60_000));

        let numbers: new::Numbers = file::load(&path).unwrap();
        assert!(numbers.all.iter().zip(numbers.saves..).all(|(found, number)| *found == number));
        assert_eq!(numbers.all.len(), COUNT as usize);
        assert!([saved, saved + 1].contains(&numbers.saves), "{} after {saved}", numbers.saves);
        let kept = folder.path().join("numbers.1.0.0.old");
        match numbers.saves {
            0 => old += 1,
            saves => {
                assert_eq!(std::fs::read(&kept).unwrap(), first, "the old file is kept before it is replaced");
                if saves == saved { same += 1 } else { next += 1 }
            }
        }
        // What was left behind is in nobody's way.
        file::save(&path, &numbers).unwrap();
        assert_eq!(file::load::<new::Numbers>(&path).unwrap().saves, numbers.saves);
    }
    eprintln!("{old} before the first save, {same} after the last reported save, {next} after one more");
}

/// Kills a child so long after it has begun to save; returns how many saves it has reported.
fn killed(path: &Path, after: Duration) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--nocapture"])
        .env(FILE, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.ends_with("begun")), "the child begins");
    let reader = std::thread::spawn(move || {
        lines.filter_map(|line| line.strip_prefix("saved ").map(|saves| saves.parse().unwrap())).last()
    });
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap().unwrap_or(0)
}
