//! A typed table of a million rows beside redb alone with the same bytes, and beside native_db with the same rows.

mod alone;
mod native;
mod rows;
mod typed;

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

pub type Outcome<T> = Result<T, Box<dyn Error>>;

/// The fastest pass of each step, and what it computed.
#[derive(Default)]
pub struct Steps(Vec<(&'static str, Duration, u64)>);

impl Steps {
    /// Measures a step. What it gives is compared between the competitors, and keeps the compiler from skipping work.
    pub fn measure(&mut self, name: &'static str, work: impl FnOnce() -> Outcome<u64>) -> Outcome<()> {
        let begun = Instant::now();
        let computed = work()?;
        let took = begun.elapsed();
        match self.0.iter_mut().find(|(known, ..)| *known == name) {
            Some((_, fastest, known)) if *known == computed => *fastest = took.min(*fastest),
            Some(_) => return Err(format!("{name} gives something else in another pass").into()),
            None => self.0.push((name, took, computed)),
        }
        Ok(())
    }

    fn of(&self, name: &str) -> Option<(Duration, u64)> {
        self.0.iter().find(|(known, ..)| *known == name).map(|(_, took, computed)| (*took, *computed))
    }
}

/// A step, and that of redb alone that it is compared with.
const STEPS: [(&str, &str); 5] = [
    ("insert", "insert"),
    ("get and decode", "get and decode"),
    ("range and decode", "range and decode"),
    ("open, nothing to do", "open, nothing to do"),
    ("migrate", "migrate"),
];

type Run = fn(&Path, u64, &mut Steps) -> Outcome<()>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: u64| -> Outcome<u64> {
        let at = arguments.iter().position(|argument| argument == name);
        Ok(at.and_then(|at| arguments.get(at + 1)).map_or(Ok(default), |text| text.replace('_', "").parse())?)
    };
    let (rows, passes) = (number("--rows", 1_000_000)?, number("--passes", 3)?);
    let only = arguments.iter().position(|argument| argument == "--only").and_then(|at| arguments.get(at + 1));
    let runs: [(&str, Run); 3] = [("redb alone", alone::run), ("typed table", typed::run), ("native_db", native::run)];
    let mut results: Vec<(&str, Steps)> = runs.iter().map(|(name, _)| (*name, Steps::default())).collect();
    for _ in 0..passes {
        for ((name, run), (_, steps)) in runs.iter().zip(&mut results) {
            if only.is_none_or(|only| only == name) {
                let folder = tempfile::tempdir_in(Path::new(env!("CARGO_MANIFEST_DIR")).join("target"))?;
                run(&folder.path().join("orders.redb"), rows, steps)?;
            }
        }
    }
    println!("{rows} rows; {passes} passes, the fastest counts\n");
    println!("| step | redb alone | typed table | beside redb | native_db |\n| --- | --- | --- | --- | --- |");
    let [(_, alone), (_, typed), (_, native)] = &results[..] else { return Ok(()) };
    for (step, with) in STEPS {
        let (redb, mine, other) = (alone.of(with), typed.of(step), native.of(step));
        if let (Some((_, one)), Some((_, two))) = (redb, mine)
            && one != two
        {
            return Err(format!("{step}: the typed table gives {two}, redb alone {one}").into());
        }
        let beside =
            redb.zip(mine).map(|((redb, _), (mine, _))| mine.as_secs_f64() / redb.as_secs_f64() * 100.0 - 100.0);
        let beside = beside.map_or_else(String::new, |percent| format!("{percent:+.0} %"));
        println!("| {step} | {} | {} | {beside} | {} |", shown(redb), shown(mine), shown(other));
    }
    for step in ["get", "range"] {
        println!("\nredb alone, {step} without decoding: {}", shown(alone.of(step)));
    }
    Ok(())
}

fn shown(step: Option<(Duration, u64)>) -> String {
    step.map_or_else(String::new, |(took, _)| match took.as_secs_f64() {
        seconds if seconds < 0.01 => format!("{:.0} µs", seconds * 1e6),
        seconds => format!("{seconds:.2} s"),
    })
}
