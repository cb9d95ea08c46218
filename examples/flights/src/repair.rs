//! The repair: impossible values in a savepoint are found, corrected, and restored by the next release.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use typeser_state::backend::{Backend, MemoryBackend};
use typeser_state::keyed::{KeyedStateBackend, StateError};
use typeser_state::processor::{ProcessOptions, SavepointEdit};
use typeser_state::savepoint::Savepoint;

use crate::args::Options;
use crate::data::{Flight, Flights};
use crate::print::{bold, number, say};
use crate::program::{Counts, Program, Release};
use crate::release::{Outcome, Task, run};
use crate::release1::{Delay, Destination, Release1, Totals};
use crate::release2::Release2;

/// In this month the feed wrote a number where a cancelled departure has no delay.
const BAD_MONTH: &str = "2013-02";
const NO_DELAY: i16 = 9_999;
/// No departure of 2013 was a day late.
const POSSIBLE: i16 = 24 * 60;

const DAMAGED: &str = "damaged";
const REPAIRED: &str = "repaired";

/// The complete state of an aircraft.
struct Aircraft {
    totals: Totals,
    recent_delays: Vec<Delay>,
    destinations: Vec<(String, Destination)>,
}

/// Runs the repair and prints each step.
pub fn run_repair(options: &Options) -> Outcome<()> {
    let temporary;
    let directory = match &options.state {
        Some(directory) => {
            fs::create_dir_all(directory)?;
            directory.as_path()
        }
        None => {
            temporary = tempfile::Builder::new().prefix("flights-").tempdir()?;
            temporary.path()
        }
    };
    say!("{}", bold("A savepoint with values that cannot be, and its repair"));
    let program = Program::<Release1>::new()?;
    let damaged = damage(&program, &options.data, &directory.join(DAMAGED))?;

    let found = find(&program, &damaged)?;
    say!("  {:10} {} keys with a departure that was more than a day late:", "finds", number(found.len()));
    for (tail, minutes) in found.iter().take(3) {
        say!("  {:10} {tail}: {} minutes", "", number(*minutes));
    }

    let right = recount(&program, &options.data, &found)?;
    say!("  {:10} what is known of these aircraft, by counting the data again", "corrects");
    let repaired = SavepointEdit::of(&damaged)
        .modify(&program.operator, |tail, state| Ok(correct(&program, &right, tail, state)?))
        .write(directory.join(REPAIRED), &ProcessOptions::new(), &mut |_progress| ())?;
    let left = find(&program, &repaired)?;
    if !left.is_empty() {
        return Err(format!("{} aircraft still have impossible values", left.len()).into());
    }
    say!("  {:10} {REPAIRED}, a new savepoint; {DAMAGED} is unchanged", "saves");
    say!("  {:10} no aircraft has such a departure any more\n", "checked");

    run::<Release2>(&Task {
        title: "Release 2 goes on from there".to_owned(),
        news: Release2::NEWS,
        data: options.data.clone(),
        months: Release2::MONTHS,
        from: Some(directory.join(REPAIRED)),
        to: directory.join("after-release-2"),
        redb: None,
    })
}

/// Runs release 1 on a feed that writes a number for missing delays.
fn damage(program: &Program<Release1>, data: &Path, to: &Path) -> Outcome<Savepoint> {
    let mut state = program.operator.open(MemoryBackend::new())?;
    let mut flights = Flights::open(data)?;
    let (mut read, mut wrong) = (Counts::default(), 0u64);
    while let Some(flight) = flights.next_flight()? {
        if !Release1::MONTHS.contains(&flight) {
            continue;
        }
        let cancelled = flight.month == BAD_MONTH && flight.departure_delay.is_none();
        wrong += u64::from(cancelled);
        let departure_delay = if cancelled { Some(NO_DELAY) } else { flight.departure_delay };
        let flight = Flight { departure_delay, ..flight };
        program.count(&mut state, &flight)?;
        read = read + Counts::of(&flight);
    }
    let savepoint = Savepoint::create(to)?.operator(&state)?.finish()?;
    say!("  {:10} {} departures; in {BAD_MONTH} the feed said {NO_DELAY} for", "reads", number(read.departures));
    say!("  {:10} the delay of {} departures that were cancelled", "", number(wrong));
    say!("  {:10} {DAMAGED}", "saves");
    Ok(savepoint)
}

/// The aircraft with an impossible worst delay, and that delay.
fn find(program: &Program<Release1>, savepoint: &Savepoint) -> Outcome<BTreeMap<String, i16>> {
    let found = program.operator.read_all(savepoint, &ProcessOptions::new(), |tail, state, out| {
        if let Some(totals) = program.totals.get(state)?.filter(|totals| totals.worst_delay() > POSSIBLE) {
            out((tail.clone(), totals.worst_delay()));
        }
        Ok(())
    })?;
    Ok(found.into_iter().collect())
}

/// Recomputes the state of these aircraft from the correct data.
fn recount(
    program: &Program<Release1>,
    data: &Path,
    tails: &BTreeMap<String, i16>,
) -> Outcome<BTreeMap<String, Aircraft>> {
    let mut state = program.operator.open(MemoryBackend::new())?;
    let mut flights = Flights::open(data)?;
    while let Some(flight) = flights.next_flight()? {
        let tail = flight.tail.unwrap_or(crate::program::NO_TAIL_NUMBER);
        if Release1::MONTHS.contains(&flight) && tails.contains_key(tail) {
            program.count(&mut state, &flight)?;
        }
    }
    let mut right = BTreeMap::new();
    for tail in state.keys()? {
        state.set_current_key(&tail)?;
        let aircraft = Aircraft {
            totals: program.totals.get(&mut state)?.unwrap_or_default(),
            recent_delays: program.recent_delays.get(&mut state)?,
            destinations: program.destinations.entries(&mut state)?,
        };
        right.insert(tail, aircraft);
    }
    Ok(right)
}

/// Replaces the stored state by the correct one.
fn correct(
    program: &Program<Release1>,
    right: &BTreeMap<String, Aircraft>,
    tail: &str,
    state: &mut KeyedStateBackend<String, impl Backend>,
) -> Result<(), StateError> {
    let Some(aircraft) = right.get(tail) else { return Ok(()) };
    program.totals.update(state, &aircraft.totals)?;
    program.recent_delays.update(state, &aircraft.recent_delays)?;
    program.destinations.clear(state)?;
    program.destinations.put_all(state, aircraft.destinations.iter().map(|(airport, figures)| (airport, figures)))
}
