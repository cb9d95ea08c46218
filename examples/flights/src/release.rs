//! What a release does as a process of its own: restore, read its months, take a savepoint, and tell of it.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use typeser::resolve::Compatibility;
use typeser_state::backend::{Backend, MemoryBackend, RedbBackend};
use typeser_state::descriptor::OperatorMeta;
use typeser_state::keyed::KeyedStateBackend;
use typeser_state::restore::{RestoreOptions, RestorePlan, StatePlan, StateVerdict};
use typeser_state::savepoint::Savepoint;

use crate::data::Flights;
use crate::print::{bar, bold, dim, number, say, size, time};
use crate::program::{Months, OPERATOR, Program, Release, Tally};

/// What to do.
pub struct Task {
    /// The headline.
    pub title: String,
    /// The data file.
    pub data: PathBuf,
    /// Which of it to read.
    pub months: Months,
    /// The savepoint to restore, if there is one.
    pub from: Option<PathBuf>,
    /// The savepoint to take.
    pub to: PathBuf,
    /// The file of redb to work in; none to work in memory.
    pub redb: Option<PathBuf>,
}

pub type Outcome<T> = Result<T, Box<dyn Error>>;
type State<R> = KeyedStateBackend<<R as Release>::Key, Box<dyn Backend>>;

/// Runs a release from its start to its savepoint.
pub fn run<R: Release>(task: &Task) -> Outcome<()> {
    say!("{}", bold(&task.title));
    let program = Program::<R>::new()?;
    let backend: Box<dyn Backend> = match &task.redb {
        Some(file) => Box::new(RedbBackend::open(file)?),
        None => Box::new(MemoryBackend::new()),
    };
    let mut state = match &task.from {
        Some(savepoint) => restore(&program, &Savepoint::open(savepoint)?, backend, task.redb.is_some())?,
        None => {
            say!("  starts     empty, in memory");
            program.operator.open(backend)?
        }
    };
    read(&program, &mut state, task)?;
    take_savepoint::<R>(&state, &task.to)?;
    if let Some(file) = &task.redb {
        // A backend is a working copy; what is kept is the savepoint.
        drop(state);
        fs::remove_file(file)?;
    }
    Ok(())
}

/// Plans, tells the verdicts, and only then moves rows.
fn restore<R: Release>(
    program: &Program<R>,
    savepoint: &Savepoint,
    backend: Box<dyn Backend>,
    redb: bool,
) -> Outcome<State<R>> {
    let options = RestoreOptions::new();
    let plan = program.operator.plan(savepoint, &options)?;
    let started = Instant::now();
    let (key, states) = (plan.key(), plan.states().to_vec());
    demand_upgrade::<R>(&plan)?;
    let total = states.iter().map(|state| state.entries()).sum();
    let bar = bar(format!("restoring {}", name(savepoint.path())), total);
    let mut entries = BTreeMap::new();
    let state = plan.run(backend, &mut |progress| {
        entries.insert(progress.state.to_owned(), progress.entries);
        bar.set_position(entries.values().sum());
    })?;
    bar.finish_and_clear();
    let place = if redb { "a file of redb" } else { "memory" };
    say!("  restores   {} into {place} in {}", name(savepoint.path()), time(started.elapsed()));
    say!("    {}", dim(format_args!("{:14} {:30} {:>8} {:>9}", "", "verdict", "entries", "bytes")));
    if let Some(key) = key {
        say!("    {:14} {key}", "key");
    }
    for state in &states {
        let (entries, bytes) = (number(state.entries()), size(state.bytes()));
        say!("    {:14} {:30} {entries:>8} {bytes:>9}", state.name(), state.verdict());
    }
    for (what, states) in changes(&states) {
        say!("    {}", dim(format_args!("{what}: {}", states.join(", "))));
    }
    Ok(state)
}

/// The story says what each release makes of the state before it.
fn demand_upgrade<R: Release>(plan: &RestorePlan<'_, R::Key>) -> Outcome<()> {
    if plan.key() != Some(Compatibility::Compatible) {
        return Err(format!("the keys should be compatible, but the verdict is {:?}", plan.key()).into());
    }
    for state in plan.states() {
        if state.verdict() != StateVerdict::Restored(R::UPGRADE) {
            let (name, found, told) = (state.name(), state.verdict(), R::UPGRADE);
            return Err(format!("state `{name}` is {found}, where the story says {told}").into());
        }
        if state.entries() == 0 {
            return Err(format!("state `{}` has no entries", state.name()).into());
        }
    }
    Ok(())
}

/// What the resolver found, and how often in which state.
fn changes(states: &[StatePlan]) -> Vec<(&'static str, Vec<String>)> {
    let mut changes: Vec<(&str, Vec<String>)> = Vec::new();
    for state in states {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in state.findings() {
            *counts.entry(finding.rule.title).or_default() += 1;
        }
        for (title, count) in counts {
            let place = format!("{} {count}", state.name());
            match changes.iter_mut().find(|(known, _)| *known == title) {
                Some((_, places)) => places.push(place),
                None => changes.push((title, vec![place])),
            }
        }
    }
    changes
}

/// Counts the months of this release, and makes sure that the state says what was read.
fn read<R: Release>(program: &Program<R>, state: &mut State<R>, task: &Task) -> Outcome<()> {
    let (before, _) = program.tally(state)?;
    let mut read = Tally::default();
    let started = Instant::now();
    let mut flights = Flights::open(&task.data)?;
    let bar = bar(format!("reading {}", task.months.name), flights.progress().1);
    let mut position = 0;
    while let Some(flight) = flights.next_flight()? {
        if task.months.contains(&flight) {
            program.count(state, &flight)?;
            read = read + Tally::of(&flight);
        }
        if flights.progress().0 != position {
            position = flights.progress().0;
            bar.set_position(position);
        }
    }
    bar.finish_and_clear();
    let took = started.elapsed();
    let (after, aircraft) = program.tally(state)?;
    if after != before + read {
        return Err(format!("the state held {before:?}, {read:?} was read, and now it holds {after:?}").into());
    }
    say!("  reads      {} departures, {}, in {}", bold(number(read.departures)), task.months.name, time(took));
    say!(
        "  has now    {} departures of {} aircraft: {} were cancelled, {} did not arrive, {} without a tail number",
        number(after.departures),
        number(aircraft),
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
    say!("  savepoint  {} in {took}", name(to));
    let mut line = String::new();
    for state in meta.states() {
        let size_of =
            operator.size_of(state.id(), typeser_state::key_group::KeyGroupRange::all(meta.max_parallelism()));
        line += &format!("  {} {} entries {}", state.name(), number(size_of.entries), size(size_of.bytes));
    }
    say!("    {line}");
    Ok(())
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
