//! The checks detect what they are meant to detect.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;
use crate::data::Flight;
use crate::program::Release;
use crate::release1::Release1;
use crate::release2::Release2;

const FLIGHT: Flight<'_> = Flight {
    month: "2013-11",
    tail: Some("N1"),
    destination: "ORD",
    departure_delay: Some(-3),
    arrival_delay: Some(10),
    air_time: Some(90),
    distance: 719,
};

/// The savepoint of a release that counted these flights.
fn savepoint<R: Release>(folder: &Path, name: &str, flights: &[Flight<'_>]) -> PathBuf {
    let program = Program::<R>::new().unwrap();
    let mut state = program.operator.open(MemoryBackend::new()).unwrap();
    for flight in flights {
        program.count(&mut state, flight).unwrap();
    }
    let path = folder.join(name);
    Savepoint::create(&path).unwrap().operator(&state).unwrap().finish().unwrap();
    path
}

fn summary_of_touched(touched: &[(&str, &str)]) -> Summary {
    let mut summary = Summary { counts: Counts::default(), departures: Vec::new(), touched: HashMap::new() };
    for (tail, airport) in touched {
        summary.touched.entry((*tail).to_owned()).or_default().insert((*airport).to_owned());
    }
    summary
}

#[test]
fn values_that_nothing_touched_must_keep_their_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let other = Flight { tail: Some("N2"), ..FLIGHT };
    let elsewhere = Flight { destination: "LAX", ..FLIGHT };
    let before = savepoint::<Release1>(folder.path(), "before", &[FLIGHT, elsewhere, other]);
    let after = savepoint::<Release1>(folder.path(), "after", &[FLIGHT, elsewhere, other, FLIGHT]);

    let untouched = untouched(&before, &after, &summary_of_touched(&[("N1", "ORD")])).unwrap();
    // Three values of N2, and the destination LAX of N1.
    assert_eq!((untouched.aircraft, untouched.rows), (1, 4));

    let changed = super::untouched(&before, &after, &summary_of_touched(&[("N2", "ORD")])).unwrap_err().to_string();
    assert!(changed.contains("nothing touched it, but"), "{changed}");
    let gone = super::untouched(&after, &before, &summary_of_touched(&[("N2", "ORD")])).unwrap_err().to_string();
    assert!(gone.contains("nothing touched it, but"), "{gone}");
    // Release 2 writes a different layout if it does not restore that of release 1.
    let rewritten = savepoint::<Release2>(folder.path(), "rewritten", &[FLIGHT, elsewhere, other]);
    assert!(super::untouched(&before, &rewritten, &summary_of_touched(&[])).is_err());
}

#[test]
fn every_difference_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let whole_year = savepoint::<Release3>(folder.path(), "whole year", &[FLIGHT]);
    let own_months = savepoint::<Release3>(folder.path(), "own months", &[]);
    let differences = |name: &str, flights: &[Flight<'_>]| {
        let upgraded = savepoint::<Release3>(folder.path(), name, flights);
        compare(&upgraded, &whole_year, &own_months).unwrap().differences
    };
    let what = |differences: &[String]| -> Vec<String> {
        differences.iter().map(|difference| difference.split(':').next().unwrap().to_owned()).collect()
    };
    // `early` and `longest` are compared with release 3 over its own months, which have no flights.
    assert_eq!(what(&differences("same", &[FLIGHT])), ["N1, new fields of totals"]);
    let later = [Flight { arrival_delay: Some(11), ..FLIGHT }];
    assert_eq!(what(&differences("later", &later)), ["N1, new fields of totals", "N1, recent delays"]);
    let elsewhere = [Flight { destination: "LAX", departure_delay: Some(0), air_time: Some(0), distance: 0, ..FLIGHT }];
    assert_eq!(what(&differences("elsewhere", &elsewhere)), ["N1, totals", "N1, recent delays", "N1, destinations"]);
    let other = [FLIGHT, Flight { tail: None, ..FLIGHT }];
    assert_eq!(what(&differences("other", &other)), ["(no tail number), aircraft", "N1, new fields of totals"]);
    let nothing = savepoint::<Release3>(folder.path(), "nothing", &[]);
    assert!(compare(&nothing, &own_months, &own_months).unwrap().differences.is_empty());
}

#[test]
fn the_hash_of_contents_notices_names_bytes_and_new_files() {
    let folder = tempfile::tempdir().unwrap();
    let (file, directory) = (folder.path().join("file"), folder.path().join("directory"));
    fs::write(&file, "content").unwrap();
    let before = Contents::of(folder.path()).unwrap();
    assert_eq!(before, Contents::of(folder.path()).unwrap());
    fs::write(&file, "Content").unwrap();
    let changed = Contents::of(folder.path()).unwrap();
    assert_ne!(before.hash, changed.hash);
    fs::write(&file, "content").unwrap();
    fs::create_dir(&directory).unwrap();
    assert_ne!(before.hash, Contents::of(folder.path()).unwrap().hash);
    fs::rename(&file, directory.join("file")).unwrap();
    assert_ne!(before.hash, Contents::of(folder.path()).unwrap().hash);
}
