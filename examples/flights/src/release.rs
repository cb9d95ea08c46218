//! One release, run as a separate process: restore, read its months, take a savepoint, and print what happened.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use typeser::resolve::Compatibility;
use typeser_state::backend::{Backend, MemoryBackend, RedbBackend};
use typeser_state::descriptor::OperatorMeta;
use typeser_state::key_group::KeyGroupRange;
use typeser_state::keyed::KeyedStateBackend;
use typeser_state::restore::{RestoreOptions, RestorePlan, StatePlan, StateVerdict};
use typeser_state::savepoint::Savepoint;

use crate::data::Flights;
use crate::print::{bar, bold, dim, number, say, size, time};
use crate::program::{Counts, Months, OPERATOR, Program, Release};

/// The task of a release.
pub struct Task {
    /// The headline.
    pub title: String,
    /// The changes, as lines of text.
    pub news: &'static [&'static str],
    /// The data file.
    pub data: PathBuf,
    /// The months to read.
    pub months: Months,
    /// The savepoint to restore, if there is one.
    pub from: Option<PathBuf>,
    /// The savepoint to take.
    pub to: PathBuf,
    /// The redb file of the backend; `None` for memory.
    pub redb: Option<PathBuf>,
}

pub type Outcome<T> = Result<T, Box<dyn Error>>;
type State<R> = KeyedStateBackend<<R as Release>::Key, Box<dyn Backend>>;

/// Runs a release from its start to its savepoint.
pub fn run<R: Release>(task: &Task) -> Outcome<()> {
    say!("{}", bold(&task.title));
    for (index, line) in task.news.iter().enumerate() {
        say!("  {:10} {line}", if index == 0 { "news" } else { "" });
    }
    let program = Program::<R>::new()?;
    let backend: Box<dyn Backend> = match &task.redb {
        Some(file) => Box::new(RedbBackend::open(file)?),
        None => Box::new(MemoryBackend::new()),
    };
    let mut state = match &task.from {
        Some(savepoint) => restore(&program, &Savepoint::open(savepoint)?, backend, task.redb.is_some())?,
        None => {
            if let Some(directory) = task.to.parent() {
                fs::create_dir_all(directory)?;
            }
            say!("  {:10} with no state, in memory", "starts");
            program.operator.open(backend)?
        }
    };
    read(&program, &mut state, task)?;
    take_savepoint::<R>(&state, &task.to)?;
    if let Some(file) = &task.redb {
        // The backend is a working copy; only the savepoint is kept.
        drop(state);
        fs::remove_file(file)?;
    }
    Ok(())
}

/// Plans, prints the verdicts, and then restores rows.
fn restore<R: Release>(
    program: &Program<R>,
    savepoint: &Savepoint,
    backend: Box<dyn Backend>,
    redb: bool,
) -> Outcome<State<R>> {
    let options = RestoreOptions::new();
    let plan = program.operator.plan(savepoint, &options)?;
    let started = Instant::now();
    let key = check_upgrade::<R>(&plan)?;
    let states = plan.states().to_vec();
    let total = states.iter().map(|state| state.entries()).sum();
    let bar = bar(format!("restoring {}", name(savepoint.path())), total);
    let mut done = BTreeMap::new();
    let state = plan.run(backend, &mut |progress| {
        done.insert(progress.state.to_owned(), (progress.entries, progress.time));
        bar.set_position(done.values().map(|(entries, _)| entries).sum());
    })?;
    bar.finish_and_clear();
    let place = if redb { "a file of redb" } else { "memory" };
    say!("  {:10} {} into {place} in {}", "restores", name(savepoint.path()), time(started.elapsed()));
    say!(
        "  {:10} {}",
        "",
        dim(format_args!("{:14} {:28} {:>8} {:>9} {:>8}", "state", "verdict", "entries", "bytes", "time"))
    );
    say!("  {:10} {:14} {}", "", "(the key)", key);
    for state in &states {
        let took = done.get(state.name()).map_or(Duration::ZERO, |(_, time)| *time);
        let (entries, bytes, took) = (number(state.entries()), size(state.bytes()), time(took));
        let verdict = state.verdict();
        say!("  {:10} {:14} {verdict:28} {entries:>8} {bytes:>9} {took:>8}", "", state.name());
    }
    for (index, (what, states)) in changes(&states).iter().enumerate() {
        let label = if index == 0 { "because" } else { "" };
        say!("  {label:10} {what} {}", dim(format_args!("({})", states.join(", "))));
    }
    Ok(state)
}

/// Checks the verdicts against the claims of the story. Returns the verdict on the keys.
fn check_upgrade<R: Release>(plan: &RestorePlan<'_, R::Key>) -> Outcome<Compatibility> {
    let key = plan.key().ok_or("nothing is stored of the operator")?;
    if key != Compatibility::Compatible {
        return Err(format!("the keys are {key}, where the story says {}", Compatibility::Compatible).into());
    }
    for state in plan.states() {
        if state.verdict() != StateVerdict::Restored(R::UPGRADE) {
            let (name, found, output) = (state.name(), state.verdict(), R::UPGRADE);
            return Err(format!("state `{name}` is {found}, where the story says {output}").into());
        }
        if state.entries() == 0 {
            return Err(format!("state `{}` has no entries", state.name()).into());
        }
    }
    Ok(key)
}

/// The findings of the resolver, each with its states.
fn changes(states: &[StatePlan]) -> Vec<(&'static str, Vec<&str>)> {
    let mut changes: Vec<(&str, Vec<&str>)> = Vec::new();
    for state in states {
        for finding in state.findings() {
            let title = finding.rule.title;
            match changes.iter_mut().find(|(known, _)| *known == title) {
                Some((_, states)) if states.contains(&state.name()) => {}
                Some((_, states)) => states.push(state.name()),
                None => changes.push((title, vec![state.name()])),
            }
        }
    }
    changes
}

/// Counts the months of this release, and checks that the state agrees.
fn read<R: Release>(program: &Program<R>, state: &mut State<R>, task: &Task) -> Outcome<()> {
    let (before, _) = program.counts(state)?;
    let mut read = Counts::default();
    let started = Instant::now();
    let mut flights = Flights::open(&task.data)?;
    let bar = bar(format!("reading {}", task.months.name), flights.progress().1);
    let mut position = 0;
    while let Some(flight) = flights.next_flight()? {
        if task.months.contains(&flight) {
            program.count(state, &flight)?;
            read = read + Counts::of(&flight);
        }
        if flights.progress().0 != position {
            position = flights.progress().0;
            bar.set_position(position);
        }
    }
    bar.finish_and_clear();
    let took = started.elapsed();
    let (after, aircraft) = program.counts(state)?;
    if after != before + read {
        return Err(format!("the state held {before:?}, {read:?} was read, and now it holds {after:?}").into());
    }
    let months = task.months.name;
    say!("  {:10} {} departures, {months}, in {}", "reads", bold(number(read.departures)), time(took));
    say!("  {:10} {} departures of {} aircraft in its state:", "has now", number(after.departures), number(aircraft));
    say!(
        "  {:10} {} were cancelled, {} left and have no arrival, {} have no tail number",
        "",
        number(after.cancelled),
        number(after.not_arrived - after.cancelled),
        number(after.no_tail_number),
    );
    Ok(())
}

fn take_savepoint<R: Release>(state: &State<R>, to: &Path) -> Outcome<()> {
    let started = Instant::now();
    let savepoint = Savepoint::create(to)?.operator(state)?.finish()?;
    let took = time(started.elapsed());
    let Some(operator) = savepoint.operator(OPERATOR) else { return Err("the savepoint has no operator".into()) };
    let meta: &OperatorMeta = operator.meta();
    let all = KeyGroupRange::all(meta.max_parallelism());
    let bytes = meta.states().iter().map(|state| operator.size_of(state.id(), all).bytes).sum();
    let entries: u64 = meta.states().iter().map(|state| operator.size_of(state.id(), all).entries).sum();
    say!("  {:10} {}: {} entries, {}, in {took}", "saves", name(to), number(entries), size(bytes));
    Ok(())
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
