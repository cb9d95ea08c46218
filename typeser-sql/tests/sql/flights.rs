//! The questions of a person about the flights example: its program in three releases, beside answers that a plain
//! program computes from the data. The guide asks them too, and shows what is printed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use tempfile::TempDir;
use typeser_state::backend::MemoryBackend;
use typeser_state::keyed::KeyedStateBackend;
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::Savepoint;

use crate::data::{Flight, Flights};
use crate::program::{NO_TAIL_NUMBER, Program, RECENT, Release};
use crate::release1::Release1;
use crate::release2::Release2;
use crate::release3::{Release3, Totals};

/// The savepoints of three releases, as the example leaves them, and one with a wrong total.
static STORY: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    release::<Release1>(None, &at("after-release-1"));
    release::<Release2>(Some(&at("after-release-1")), &at("after-release-2"));
    let (program, mut state) = release::<Release3>(Some(&at("after-release-2")), &at("after-release-3"));
    state.set_current_key(&"N0EGMQ".to_owned()).unwrap();
    program.totals.update(&mut state, &Totals::default()).unwrap();
    Savepoint::create(at("damaged")).unwrap().operator(&state).unwrap().finish().unwrap();
    folder
});

/// What a release does: restores the state of the previous one, counts the departures of its months, saves.
fn release<R: Release>(
    previous: Option<&Path>,
    directory: &Path,
) -> (Program<R>, KeyedStateBackend<R::Key, MemoryBackend>) {
    let program = Program::<R>::new().unwrap();
    let backend = MemoryBackend::new();
    let mut state = match previous {
        None => program.operator.open(backend).unwrap(),
        Some(previous) => {
            let savepoint = Savepoint::open(previous).unwrap();
            program.operator.restore(&savepoint, backend, &RestoreOptions::new(), &mut |_| ()).unwrap()
        }
    };
    for_each_flight(|flight| {
        if R::MONTHS.contains(flight) {
            program.count(&mut state, flight).unwrap();
        }
    });
    Savepoint::create(directory).unwrap().operator(&state).unwrap().finish().unwrap();
    (program, state)
}

fn for_each_flight(mut visit: impl FnMut(&Flight<'_>)) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/flights/data/flights-2013.csv.gz");
    let mut flights = Flights::open(&data).unwrap();
    while let Some(flight) = flights.next_flight().unwrap() {
        visit(&flight);
    }
}

/// The lines of CSV that the command prints, without the header.
fn ask(savepoint: &str, query: &str) -> Vec<String> {
    let at = |name: &str| STORY.path().join(name);
    let mut command = Command::new(env!("CARGO_BIN_EXE_typeser-sql"));
    command.arg(at(savepoint)).arg(query).args(["--format", "csv", "--with"]);
    let output = command.arg(format!("before={}", at("after-release-2").display())).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn the_ten_most_delayed_aircraft() {
    let mut late: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for_each_flight(|flight| {
        let (minutes, departures) = late.entry(flight.tail.unwrap_or(NO_TAIL_NUMBER).to_owned()).or_default();
        *minutes +=
            flight.departure_delay.filter(|delay| *delay > 0).map_or(0, |delay| u64::from(delay.unsigned_abs()));
        *departures += 1;
    });
    let mut late: Vec<_> = late.into_iter().map(|(tail, (minutes, departures))| (minutes, tail, departures)).collect();
    late.sort_by(|(minutes, tail, _), (others, other, _)| others.cmp(minutes).then(tail.cmp(other)));
    let expected: Vec<String> =
        late[..10].iter().map(|(minutes, tail, all)| format!("{tail},{minutes},{all}")).collect();
    let query = "select key, value.minutes_late, value.departures from totals order by 2 desc, key limit 10";
    assert_eq!(ask("after-release-3", query), expected);
}

#[test]
fn departures_by_destination() {
    let mut departures: BTreeMap<String, u64> = BTreeMap::new();
    for_each_flight(|flight| *departures.entry(flight.destination.to_owned()).or_default() += 1);
    let expected: Vec<String> = departures.into_iter().map(|(airport, count)| format!("{airport},{count}")).collect();
    assert!(expected.len() > 100);
    let query = "select map_key, sum(value.departures) from destinations group by map_key order by map_key";
    assert_eq!(ask("after-release-3", query), expected);
    // The same from the table with one row per key.
    let query = "select airport.key, sum(airport.value.departures) from
        (select unnest(map_entries(destinations)) as airport from keyed) group by 1 order by 1";
    assert_eq!(ask("after-release-3", query), expected);
}

#[test]
fn keys_whose_total_disagrees_with_their_map() {
    let query = "select t.key, t.value.departures, sum(d.value.departures)
        from totals t join destinations d on t.key = d.key
        group by t.key, t.value.departures having t.value.departures <> sum(d.value.departures)";
    assert_eq!(ask("after-release-3", query), [""; 0]);
    let mut departures = 0;
    for_each_flight(|flight| departures += u64::from(flight.tail == Some("N0EGMQ")));
    assert_eq!(ask("damaged", query), [format!("N0EGMQ,0,{departures}")]);
}

#[test]
fn growth_between_releases() {
    let (mut before, mut after) = (Rows::default(), Rows::default());
    for_each_flight(|flight| {
        if !Release3::MONTHS.contains(flight) {
            before.count(flight);
        }
        after.count(flight);
    });
    let query = "select state, n.rows, n.rows - o.rows from savepoint.metadata.states n
        join before.metadata.states o using (operator, state) order by state";
    let expected = |state: &str, before: usize, after: usize| format!("{state},{after},{}", after - before);
    let expected = [
        expected("destinations", before.destinations.len(), after.destinations.len()),
        expected("recent-delays", before.delays(), after.delays()),
        expected("totals", before.departures.len(), after.departures.len()),
    ];
    assert_eq!(ask("after-release-3", query), expected);

    let new = after.departures.keys().filter(|tail| !before.departures.contains_key(*tail)).count();
    let query = "select count(*) from totals n left anti join before.\"flights-by-tail\".totals o on n.key = o.key";
    assert_eq!(ask("after-release-3", query), [new.to_string()]);
    let changed = after.departures.iter().filter(|(tail, all)| before.departures.get(*tail).is_some_and(|n| n != *all));
    let query = "select count(*) from totals n join before.\"flights-by-tail\".totals o on n.key = o.key
        where n.value.departures <> o.value.departures";
    assert_eq!(ask("after-release-3", query), [changed.count().to_string()]);
}

/// What the states have rows of.
#[derive(Default)]
struct Rows {
    departures: BTreeMap<String, usize>,
    destinations: BTreeSet<(String, String)>,
}

impl Rows {
    fn count(&mut self, flight: &Flight<'_>) {
        let tail = flight.tail.unwrap_or(NO_TAIL_NUMBER).to_owned();
        *self.departures.entry(tail.clone()).or_default() += 1;
        self.destinations.insert((tail, flight.destination.to_owned()));
    }

    fn delays(&self) -> usize {
        self.departures.values().map(|count| RECENT.min(*count)).sum()
    }
}

/// Each query of the guide, in a block `sql`, prints the block `text` behind it.
#[test]
fn the_guide() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/sql.md");
    let stored = std::fs::read_to_string(&path).unwrap();
    let mut found = String::new();
    let mut rest = stored.as_str();
    let mut queries = 0;
    while let Some((before, after)) = rest.split_once("```sql\n") {
        let (query, after) = after.split_once("```\n").unwrap();
        found.push_str(&format!("{before}```sql\n{query}```\n"));
        rest = after;
        let Some(after) = after.strip_prefix("\n```text\n") else { continue };
        rest = after.split_once("```\n").unwrap().1;
        found.push_str(&format!("\n```text\n{}```\n", table(query)));
        queries += 1;
    }
    found.push_str(rest);
    assert!(queries >= 6, "{queries}");
    if std::env::var_os("TYPESER_WRITE_CASES").is_some() {
        std::fs::write(&path, found).unwrap();
    } else {
        assert_eq!(found, stored);
    }
}

/// The export of the guide prints what the guide shows.
#[test]
fn the_export_of_the_guide() {
    let guide = include_str!("../../../docs/sql.md");
    let (_, shown) = guide.split_once("```console\n$ typeser-sql export ").unwrap();
    let (arguments, shown) = shown.split_once('\n').unwrap();
    let folder = tempfile::tempdir().unwrap();
    let arguments = arguments
        .replace("/tmp/flights/", &format!("{}/", STORY.path().display()))
        .replace("/tmp/flights-parquet", &folder.path().join("parquet").display().to_string());
    let mut command = Command::new(env!("CARGO_BIN_EXE_typeser-sql"));
    let output = command.arg("export").args(arguments.split(' ')).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), shown.split_once("```").unwrap().0);
}

/// The table that the command prints. A query of the guide that fails is a fault of the guide.
fn table(query: &str) -> String {
    let at = |name: &str| STORY.path().join(name);
    let mut command = Command::new(env!("CARGO_BIN_EXE_typeser-sql"));
    command.arg(at("after-release-3")).arg(query);
    let output = command.arg("--with").arg(format!("before={}", at("after-release-2").display())).output().unwrap();
    assert!(output.status.success(), "{query}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
