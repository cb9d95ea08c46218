//! Checks the claims of the story against the data and the files on the disk.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use typeser::schema::Node;
use typeser::{Serializer, StateType, TypeSerializer};
use typeser_state::backend::MemoryBackend;
use typeser_state::keyed::KeyedStateBackend;
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::{Row, Savepoint};
use xxhash_rust::xxh3::Xxh3;

use crate::data::Flights;
use crate::print::bar;
use crate::program::{Counts, DESTINATIONS, Months, NO_TAIL_NUMBER, OPERATOR, Program};
use crate::release::Outcome;
use crate::release3::{Flown, Release3, Totals};

/// A summary of the data, computed without any state.
pub struct Summary {
    /// The counts of all departures.
    pub counts: Counts,
    /// The number of departures that each release reads.
    pub departures: Vec<u64>,
    /// The aircraft that the second release updates, each with its destinations.
    touched: HashMap<String, HashSet<String>>,
}

/// Reads the data once. `releases` are the months of each; together they must have all departures.
pub fn summary(data: &Path, releases: &[Months]) -> Outcome<Summary> {
    let mut summary =
        Summary { counts: Counts::default(), departures: vec![0; releases.len()], touched: HashMap::new() };
    let mut flights = Flights::open(data)?;
    let bar = bar("looking through the data".to_owned(), flights.progress().1);
    while let Some(flight) = flights.next_flight()? {
        summary.counts = summary.counts + Counts::of(&flight);
        let release = releases.iter().position(|months| months.contains(&flight));
        if let Some(release) = release {
            summary.departures[release] += 1;
        }
        if release == Some(1) {
            let tail = flight.tail.unwrap_or(NO_TAIL_NUMBER);
            if !summary.touched.contains_key(tail) {
                summary.touched.insert(tail.to_owned(), HashSet::new());
            }
            if let Some(airports) =
                summary.touched.get_mut(tail).filter(|airports| !airports.contains(flight.destination))
            {
                airports.insert(flight.destination.to_owned());
            }
        }
        if summary.counts.departures.is_multiple_of(4096) {
            bar.set_position(flights.progress().0);
        }
    }
    bar.finish_and_clear();
    for (months, departures) in releases.iter().zip(&summary.departures) {
        if *departures == 0 {
            let path = data.display();
            return Err(format!(
                "{path} has no departures from {}, and the story needs them; give `--data FILE` all of 2013",
                months.name
            )
            .into());
        }
    }
    if summary.departures.iter().sum::<u64>() != summary.counts.departures {
        return Err(format!(
            "{} has departures before 2013, which no release reads; give `--data FILE` those of 2013",
            data.display()
        )
        .into());
    }
    Ok(summary)
}

/// The amount of unchanged state.
#[derive(Debug, Default)]
pub struct Untouched {
    /// Aircraft without any change.
    pub aircraft: usize,
    /// Values, elements and entries.
    pub rows: u64,
}

/// Checks that every stored row that release 2 had no reason to write has the bytes of release 1.
pub fn untouched(before: &Path, after: &Path, summary: &Summary) -> Outcome<Untouched> {
    let (before, after) = (untouched_rows(before, summary)?, untouched_rows(after, summary)?);
    for (key, value) in &before.rows {
        let found = after.rows.get(key);
        if found != Some(value) {
            return Err(
                format!("{}: nothing touched it, but {value:02x?} became {found:02x?}", before.describe(key)).into()
            );
        }
    }
    if let Some(key) = after.rows.keys().find(|key| !before.rows.contains_key(*key)) {
        return Err(format!("{}: nothing touched it, but it is new", after.describe(key)).into());
    }
    Ok(Untouched { aircraft: before.aircraft.len(), rows: before.rows.len() as u64 })
}

/// The rows that release 2 has no reason to write, by state and row key.
struct UntouchedRows {
    aircraft: HashSet<String>,
    rows: BTreeMap<(String, Vec<u8>), Vec<u8>>,
}

fn untouched_rows(savepoint: &Path, summary: &Summary) -> Outcome<UntouchedRows> {
    let savepoint = Savepoint::open(savepoint)?;
    let text = Serializer::<String>::new()?;
    let mut untouched = UntouchedRows { aircraft: HashSet::new(), rows: BTreeMap::new() };
    let mut rows = savepoint.rows(OPERATOR)?;
    while let Some(row) = rows.next_row()? {
        let Row { state, key, key_bytes, value, .. } = row;
        let tail = text.deserialize(key.key)?;
        match summary.touched.get(&tail) {
            None => drop(untouched.aircraft.insert(tail)),
            // The aircraft flew, but not to this airport.
            Some(airports) if state.name() == DESTINATIONS && !airports.contains(&text.deserialize(key.rest)?) => {}
            Some(_) => continue,
        }
        untouched.rows.insert((state.name().to_owned(), key_bytes.to_owned()), value.to_owned());
    }
    Ok(untouched)
}

impl UntouchedRows {
    fn describe(&self, (state, key): &(String, Vec<u8>)) -> String {
        format!("a row of state `{state}` under {}", String::from_utf8_lossy(key).replace(char::is_control, ""))
    }
}

/// The result of a comparison.
#[derive(Debug, Default)]
pub struct Comparison {
    pub totals: usize,
    pub recent_delays: usize,
    pub destinations: usize,
    /// The differences as text; empty if everything is equal.
    pub differences: Vec<String>,
}

/// The names of the fields of a struct, except some, as lines of the story.
pub fn fields<T: StateType>(but: &[&str]) -> Outcome<String> {
    let serializer = Serializer::<T>::new()?;
    let Node::Struct(node) = serializer.snapshot().schema().root() else { return Ok(String::new()) };
    let names = node.fields.iter().map(|field| &*field.name).filter(|name| !but.contains(name));
    let lines: Vec<String> = names.collect::<Vec<_>>().chunks(6).map(|names| names.join(", ")).collect();
    Ok(lines.join(&format!(",\n{:13}", "")))
}

/// The complete state of an aircraft, in the types of release 3.
type Aircraft = (Totals, Vec<crate::release3::Delay>, BTreeMap<String, crate::release3::Destination>);

/// Compares the state after two upgrades with that of release 3 over the whole year, value by value.
/// The fields that only release 3 has are compared with release 3 run over its own months.
pub fn compare(upgraded: &Path, whole_year: &Path, own_months: &Path) -> Outcome<Comparison> {
    let (mut upgraded, mut whole_year) = (load(upgraded)?, load(whole_year)?);
    let mut own_months = load(own_months)?;
    let mut comparison = Comparison::default();
    let mut differ = |tail: &str, what: &str, left: &dyn std::fmt::Debug, right: &dyn std::fmt::Debug| {
        comparison.differences.push(format!("{tail}, {what}: {left:?} after two upgrades, {right:?} from scratch"));
    };
    let tails: std::collections::BTreeSet<String> = upgraded.keys().chain(whole_year.keys()).cloned().collect();
    for tail in &tails {
        let (Some(left), Some(right)) = (upgraded.remove(tail), whole_year.remove(tail)) else {
            differ(tail, "aircraft", &"only one of the two has it", &"only one of the two has it");
            continue;
        };
        let (left_totals, left_new) = left.0.split();
        let (right_totals, _) = right.0.split();
        let own_new = own_months.remove(tail).map_or((0, Flown::default()), |(totals, ..)| totals.split().1);
        if left_totals != right_totals {
            differ(tail, "totals", &left_totals, &right_totals);
        }
        if left_new != own_new {
            differ(tail, "new fields of totals", &left_new, &own_new);
        }
        if left.1 != right.1 {
            differ(tail, "recent delays", &left.1, &right.1);
        }
        if left.2 != right.2 {
            differ(tail, "destinations", &left.2, &right.2);
        }
        comparison.totals += 1;
        comparison.recent_delays += left.1.len();
        comparison.destinations += left.2.len();
    }
    Ok(comparison)
}

fn load(savepoint: &Path) -> Outcome<HashMap<String, Aircraft>> {
    let program = Program::<Release3>::new()?;
    let mut state = open(&program, savepoint)?;
    let mut all = HashMap::new();
    for tail in state.keys()? {
        state.set_current_key(&tail)?;
        let totals = program.totals.get(&mut state)?.unwrap_or_default();
        let recent_delays = program.recent_delays.get(&mut state)?;
        let destinations = program.destinations.entries(&mut state)?.into_iter().collect();
        all.insert(tail, (totals, recent_delays, destinations));
    }
    Ok(all)
}

/// The counts of all departures in the final state.
pub fn counts(savepoint: &Path) -> Outcome<Counts> {
    let program = Program::<Release3>::new()?;
    let mut state = open(&program, savepoint)?;
    Ok(program.counts(&mut state)?.0)
}

fn open(program: &Program<Release3>, savepoint: &Path) -> Outcome<KeyedStateBackend<String, MemoryBackend>> {
    let savepoint = Savepoint::open(savepoint)?;
    Ok(program.operator.restore(&savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ())?)
}

/// The names and contents of all files below a directory.
#[derive(Debug, PartialEq, Eq)]
pub struct Contents {
    pub hash: u128,
    pub files: usize,
    pub bytes: u64,
}

impl Contents {
    pub fn of(directory: &Path) -> Outcome<Self> {
        let mut paths = Vec::new();
        collect(directory, &mut paths)?;
        paths.sort();
        let mut hasher = Xxh3::new();
        let mut contents = Self { hash: 0, files: 0, bytes: 0 };
        for path in paths {
            let name = path.strip_prefix(directory)?.to_string_lossy().into_owned();
            hasher.update(&(name.len() as u64).to_le_bytes());
            hasher.update(name.as_bytes());
            if path.is_file() {
                let bytes = fs::read(&path)?;
                hasher.update(&(bytes.len() as u64).to_le_bytes());
                hasher.update(&bytes);
                contents.files += 1;
                contents.bytes += bytes.len() as u64;
            }
        }
        contents.hash = hasher.digest128();
        Ok(contents)
    }
}

fn collect(directory: &Path, paths: &mut Vec<PathBuf>) -> Outcome<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        }
        paths.push(path);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
