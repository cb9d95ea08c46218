//! The flights' aggregation on timely dataflow: releases follow each other, and so do numbers of workers.
//!
//! The data, the program and the types of its releases are those of the example `flights`, file by file. Here,
//! workers of timely call them, and each worker owns a range of key groups.
//!
//! - `worker` is a worker: it reads its share of the data, sends each departure to the worker that owns its aircraft, counts
//!   the departures that it receives, and adds its state to savepoints.
//! - `savepoint` puts the state of all workers into one savepoint.
//! - `contents` compares what two savepoints hold.

#![allow(unreachable_pub, reason = "a program has no interface; `pub` marks what other files use")]

mod contents;
mod savepoint;
mod worker;

#[path = "../../flights/src/data.rs"]
#[allow(dead_code, reason = "this program shows no progress bar")]
mod data;
#[path = "../../flights/src/program.rs"]
#[allow(dead_code, reason = "this program reads by number, not by month")]
mod program;
#[path = "../../flights/src/release1.rs"]
#[allow(dead_code, reason = "this program repairs nothing")]
mod release1;
#[path = "../../flights/src/release2.rs"]
mod release2;
#[path = "../../flights/src/release3.rs"]
#[allow(dead_code, reason = "this program does not print which fields are new")]
mod release3;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use program::Release;
use release1::Release1;
use release2::Release2;
use release3::Release3;
use worker::{Task, run};

pub type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// When savepoints are taken and releases end, in departures from the beginning of the data.
const FIRST_SAVEPOINT: u64 = 170_000;
const FIRST_END: u64 = 200_000;
const SECOND_SAVEPOINT: u64 = 250_000;

fn main() -> ExitCode {
    match story() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("flights-on-timely: {error}");
            ExitCode::FAILURE
        }
    }
}

fn story() -> Outcome<()> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../flights/data/flights-2013.csv.gz");
    let folder = tempfile::tempdir()?;
    let at = |name: &str| folder.path().join(name);
    let task = |workers, from: Option<PathBuf>| Task {
        workers,
        data: data.clone(),
        from,
        savepoint: None,
        end: None,
        last_savepoint: None,
    };

    println!("Release 1 on 2 workers");
    run::<Release1>(Task { savepoint: Some((FIRST_SAVEPOINT, at("first"))), end: Some(FIRST_END), ..task(2, None) })?;
    println!("  ends       after {FIRST_END} departures; what it counted since the savepoint is gone\n");

    println!("Release 2 on 3 workers");
    run::<Release2>(Task {
        savepoint: Some((SECOND_SAVEPOINT, at("second"))),
        last_savepoint: Some(at("release 2, restored")),
        ..task(3, Some(at("first")))
    })?;
    println!();

    println!("Release 2 on 1 worker, from scratch");
    run::<Release2>(Task { last_savepoint: Some(at("release 2, from scratch")), ..task(1, None) })?;
    println!();

    println!("Release 3 on 4 workers");
    run::<Release3>(Task { last_savepoint: Some(at("release 3, restored")), ..task(4, Some(at("second"))) })?;
    println!();

    println!("Release 3 on 1 worker, from scratch");
    run::<Release3>(Task { last_savepoint: Some(at("release 3, from scratch")), ..task(1, None) })?;
    println!();

    let equal = [
        compare::<Release2, _>(&at("release 2, restored"), &at("release 2, from scratch"), |totals| totals)?,
        // Release 3 has no counts of its new fields for departures that earlier releases read.
        compare::<Release3, _>(&at("release 3, restored"), &at("release 3, from scratch"), |totals| totals.split().0)?,
    ];
    if equal == [true, true] { Ok(()) } else { Err("the contents differ".into()) }
}

fn compare<R: Release<Key = String>, T: PartialEq>(
    restored: &Path,
    from_scratch: &Path,
    of: impl Fn(R::Totals) -> T,
) -> Outcome<bool>
where
    R::Delay: PartialEq,
    R::Destination: PartialEq,
{
    let (restored_contents, scratch) = (contents::of::<R, T>(restored, &of)?, contents::of::<R, T>(from_scratch, &of)?);
    let equal = restored_contents == scratch;
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    println!("{} equals {}: {equal} ({scratch})", name(restored), name(from_scratch));
    Ok(equal)
}
